package org.flinksigmoid.operators.inference;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.api.common.TaskInfo;
import org.flinksigmoid.operators.device.EngineKey;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the models of a {@link ModelPool}: on request, or because a watched folder has a new
 * checkpoint. Loads on a thread of its own, one model at a time. Thread-safe.
 */
final class ModelSwaps<I, O> implements ModelPool.Source<I, O>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelSwaps.class);

    /** How long close() waits for a model that is being loaded. */
    private static final long CLOSE_PATIENCE_MILLIS = 10_000;

    private final ModelPool<I, O> pool;
    private final TaskInfo task;
    private final Folders folders;
    private final Consumer<ModelEvent> listener;
    private final ScheduledExecutorService thread;

    /** Guarded by this object. */
    private final Map<String, String> inUse = new HashMap<>();

    /** Guarded by this object. */
    private final Map<String, String> requested = new HashMap<>();

    /** Checkpoints that were refused, as they were then. Guarded by this object. */
    private final Set<EngineKey> refused = new HashSet<>();

    /**
     * Watched checkpoints that could be loaded but failed their trial, and what their files were
     * then: without it they would be taken untried where a model is loaded, after a restore above
     * all. Guarded likewise.
     */
    private final Map<String, String> failedTrials = new HashMap<>();

    /** What each model in memory was loaded from, where folders are watched. Guarded likewise. */
    private final Map<String, EngineKey> loadedFrom = new HashMap<>();

    /** What the last look found, to pass over what still changes. The swap thread's own. */
    private Set<EngineKey> seen = Set.of();

    /**
     * Where models lie.
     *
     * @param of a model's folder, until an update says otherwise
     * @param onlyOne whether there is one model only, without a name
     * @param watched whether a folder may hold versions
     */
    record Folders(Models.FolderOf of, boolean onlyOne, boolean watched) {}

    ModelSwaps(
            ModelPool<I, O> pool, TaskInfo task, Folders folders, Consumer<ModelEvent> listener) {
        this.pool = pool;
        this.task = task;
        this.folders = folders;
        this.listener = listener;
        this.thread =
                Executors.newSingleThreadScheduledExecutor(
                        run -> {
                            Thread made =
                                    new Thread(run, task.getTaskNameWithSubtasks() + " models");
                            made.setDaemon(true);
                            made.setContextClassLoader(
                                    Thread.currentThread().getContextClassLoader());
                            return made;
                        });
    }

    /** Takes over the folders that a former run had put in use, and what it had tried in vain. */
    synchronized void restore(Map<String, String> folderOfModel, Map<String, String> failed) {
        inUse.putAll(folderOfModel);
        failedTrials.putAll(failed);
    }

    synchronized Map<String, String> inUse() {
        return Map.copyOf(inUse);
    }

    synchronized Map<String, String> requested() {
        return Map.copyOf(requested);
    }

    synchronized Map<String, String> failedTrials() {
        return Map.copyOf(failedTrials);
    }

    /** Replaces a model some time from now; the last request for a model wins. */
    void request(ModelUpdate update) {
        synchronized (this) {
            requested.put(update.model(), update.folder());
        }
        long started = System.nanoTime();
        run(() -> fulfil(update, started));
    }

    /** Looks for new checkpoints from now on. */
    void watch(Duration interval) {
        long nanos = interval.toNanos();
        thread.scheduleWithFixedDelay(this::look, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private void run(Runnable work) {
        try {
            thread.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the task has ended", task.getTaskNameWithSubtasks());
        }
    }

    private synchronized String folder(String model) {
        return inUse.getOrDefault(model, folders.of.apply(model));
    }

    /**
     * The best checkpoint of a model that can be loaded, one that failed its trial only if there is
     * no other; called by the pool.
     */
    @Override
    public ModelPool.Loaded<I, O> load(String model) throws Exception {
        String folder = folder(model);
        if (!folders.watched) {
            return pool.load(folder, true);
        }
        Throwable failure = null;
        for (Path checkpoint : failedTrialsLast(ModelFolder.checkpoints(Path.of(folder)))) {
            long started = System.nanoTime();
            EngineKey key = EngineKey.of(checkpoint, "");
            try {
                ModelPool.Loaded<I, O> loaded = pool.load(checkpoint.toString(), true);
                loadedFrom(model, key);
                return loaded;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception | LinkageError | OutOfMemoryError e) {
                refuse(new ModelUpdate(model, checkpoint.toString()), key, e, started);
                failure = e;
            }
        }
        throw new IllegalArgumentException(
                folder + ": expected a checkpoint that can be loaded, or folders with one each",
                failure);
    }

    private List<Path> failedTrialsLast(List<Path> checkpoints) {
        return checkpoints.stream()
                .sorted(
                        Comparator.comparing(
                                checkpoint -> failedTrial(EngineKey.of(checkpoint, ""))))
                .toList();
    }

    private synchronized boolean failedTrial(EngineKey key) {
        return key.files().equals(failedTrials.get(key.folder().toString()));
    }

    private synchronized void trialFailed(EngineKey key) {
        failedTrials.keySet().removeIf(folder -> !Files.exists(Path.of(folder)));
        failedTrials.put(key.folder().toString(), key.files());
    }

    private void fulfil(ModelUpdate update, long started) {
        synchronized (this) {
            if (!update.folder().equals(requested.get(update.model()))) {
                return; // asked for something else since
            }
        }
        try {
            if (folders.onlyOne && !update.model().equals(Models.ONLY)) {
                throw new IllegalArgumentException(
                        "expected an update without a model's name, as there is one model only,"
                                + " found \""
                                + update.model()
                                + "\"");
            }
            swap(update, started);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the task ends: the request stays in its state
        } catch (Exception | LinkageError | OutOfMemoryError e) {
            synchronized (this) {
                requested.remove(update.model(), update.folder());
            }
            refuse(update, null, e, started);
        }
    }

    /** Loads a folder's best checkpoint, tries it and puts it in use. */
    private void swap(ModelUpdate update, long started) throws Exception {
        Path folder = Path.of(update.folder());
        List<Path> found = folders.watched ? ModelFolder.checkpoints(folder) : List.of(folder);
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    folder + ": expected a checkpoint or folders of versions, found none");
        }
        String checkpoint = folders.watched ? found.getFirst().toString() : update.folder();
        EngineKey key = folders.watched ? EngineKey.of(found.getFirst(), "") : null;
        swap(update.model(), checkpoint, key, started, () -> fulfilled(update));
    }

    private synchronized void fulfilled(ModelUpdate update) {
        inUse.put(update.model(), update.folder());
        requested.remove(update.model(), update.folder());
    }

    /**
     * Loads a checkpoint, tries it and puts it in use.
     *
     * @param key null where folders are not watched
     * @param noted runs before anybody can use it
     */
    private void swap(String model, String checkpoint, EngineKey key, long started, Runnable noted)
            throws Exception {
        ModelPool.Loaded<I, O> next = pool.load(checkpoint, false);
        boolean done = false;
        try {
            List<I> sample =
                    pool.current(model).map(ModelPool.Loaded::lastAnswered).orElse(List.of());
            if (!sample.isEmpty()) {
                int results = next.function().infer(sample).size();
                if (results != sample.size()) {
                    throw new IllegalArgumentException(
                            "expected %d results for the last batch, found %d"
                                    .formatted(sample.size(), results));
                }
                next.answered(sample);
            }
            done = true;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            if (key != null && !DeviceLoss.in(e)) {
                trialFailed(key);
            }
            throw e;
        } finally {
            if (!done) {
                pool.discard(next);
            }
        }
        String version = next.function().status().version();
        if (key != null) {
            loadedFrom(model, key);
        }
        noted.run();
        pool.install(model, next);
        long millis = (System.nanoTime() - started) / 1_000_000;
        LOG.info(
                "{}: model \"{}\" is {} (version {}) from the next batch on, after {} ms",
                task.getTaskNameWithSubtasks(),
                model,
                checkpoint,
                version,
                millis);
        report(model, checkpoint, version, true, "", millis);
    }

    private void refuse(ModelUpdate update, EngineKey key, Throwable why, long started) {
        if (thread.isShutdown()) {
            return;
        }
        pool.refused();
        if (key != null) {
            synchronized (this) {
                refused.add(key);
            }
        }
        LOG.warn(
                "{}: {} is refused as model \"{}\", the one before goes on",
                task.getTaskNameWithSubtasks(),
                update.folder(),
                update.model(),
                why);
        long millis = (System.nanoTime() - started) / 1_000_000;
        report(update.model(), update.folder(), "", false, Recovery.describe(why), millis);
    }

    private void report(
            String model, String folder, String version, boolean accepted, String why, long ms) {
        listener.accept(
                new ModelEvent(
                        model,
                        folder,
                        version,
                        accepted,
                        why,
                        ms,
                        task.getIndexOfThisSubtask(),
                        System.currentTimeMillis()));
    }

    private synchronized void loadedFrom(String model, EngineKey key) {
        loadedFrom.put(model, key);
    }

    /** Looks once at the folders of all models in memory. */
    private void look() {
        Set<EngineKey> now = new HashSet<>();
        for (String model : pool.names()) {
            try {
                look(model, now);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) { // a file system, or who names folders, may come back
                LOG.warn("{}: can't look for new models", task.getTaskNameWithSubtasks(), e);
            }
        }
        seen = now;
    }

    private void look(String model, Set<EngineKey> now) throws InterruptedException {
        for (Path checkpoint : ModelFolder.checkpoints(Path.of(folder(model)))) {
            EngineKey key = EngineKey.of(checkpoint, "");
            now.add(key);
            synchronized (this) {
                if (key.equals(loadedFrom.get(model))) {
                    return; // nothing better than what runs
                }
                if (refused.contains(key) || failedTrial(key)) {
                    continue;
                }
            }
            if (!seen.contains(key)) {
                return; // perhaps still being written
            }
            long started = System.nanoTime();
            try {
                swap(model, checkpoint.toString(), key, started, () -> {});
                return;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception | LinkageError | OutOfMemoryError e) {
                refuse(new ModelUpdate(model, checkpoint.toString()), key, e, started);
            }
        }
    }

    /** Stops loading; a load in progress is waited for a while, then closed when it ends. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn("{}: a model is still being loaded", task.getTaskNameWithSubtasks());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
