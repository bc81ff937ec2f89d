package org.flinksigmoid.operators.inference;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.MemorySize;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;

/**
 * One model that can be replaced while the job runs, or several of which each record names one.
 *
 * <pre>{@code
 * Models.of(folder, f -> TextInference.messages(f, options)).watch(Duration.ofSeconds(10))
 * Models.routed(TextMessage::key, tenant -> root + "/" + tenant,
 *         f -> TextInference.messages(f, options)).maxLoaded(8)
 * }</pre>
 *
 * <p>A new model is loaded by a thread of its own and tried on the last batch that the old one
 * answered; then the next batch goes to it. Every call holds on to one model from beginning to end,
 * so no batch mixes versions; the old model is closed when its last call has ended. A checkpoint
 * that can't be loaded or fails the trial is refused: logged, counted, reported ({@link
 * MicroBatchInference#modelEvents}), and the old model goes on. Models come over a control stream
 * ({@link MicroBatchInference#control}) or are found by {@link #watch}. Which folder is in use, and
 * which was asked for last, is part of the job's state.
 *
 * @param <I> input record
 * @param <O> result
 */
public final class Models<I, O> implements InferenceFunction<I, O> {
    private static final long serialVersionUID = 1L;

    /** The model's name where there is one only. */
    static final String ONLY = "";

    /** Null where there is one model only. */
    private final RouteOf<I> route;

    private final FolderOf folders;
    private final FunctionOf<I, O> functions;
    private final InferenceFunction<I, O> unopened;
    private int maxLoaded = Integer.MAX_VALUE;
    private long maxBytes = Long.MAX_VALUE;
    private Duration watchInterval = Duration.ZERO;

    private transient volatile ModelPool<I, O> pool;
    private transient ModelSwaps<I, O> swaps;
    private transient Consumer<ModelEvent> listener;
    private transient Map<String, String> restoredFolders;
    private transient Map<String, String> restoredRequests;
    private transient Map<String, String> restoredFailures;

    /** Names the model of a record; one where it is null can't be processed. */
    public interface RouteOf<I> extends Function<I, String>, Serializable {}

    /** Finds the folder of a model by its name. */
    public interface FolderOf extends Function<String, String>, Serializable {}

    /**
     * Makes the function that runs the checkpoint of a folder; opened and closed once for each time
     * the model is loaded.
     */
    public interface FunctionOf<I, O> extends Serializable {
        /** The function, not opened. */
        InferenceFunction<I, O> of(String folder);
    }

    private Models(
            RouteOf<I> route,
            FolderOf folders,
            FunctionOf<I, O> functions,
            InferenceFunction<I, O> unopened) {
        this.route = route;
        this.folders = folders;
        this.functions = functions;
        this.unopened = unopened;
    }

    /**
     * One model, loaded when the job starts.
     *
     * @param folder of its checkpoint
     * @param functions makes the function for a folder
     */
    public static <I, O> Models<I, O> of(String folder, FunctionOf<I, O> functions) {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(functions, "functions");
        return new Models<>(null, any -> folder, functions, functions.of(folder));
    }

    /**
     * A model for each name, loaded by the first batch that needs it.
     *
     * @param route names the model of a record
     * @param folders where each model's checkpoint lies, until an update says otherwise
     * @param functions makes the function for a folder
     */
    public static <I, O> Models<I, O> routed(
            RouteOf<I> route, FolderOf folders, FunctionOf<I, O> functions) {
        Objects.requireNonNull(route, "route");
        Objects.requireNonNull(folders, "folders");
        Objects.requireNonNull(functions, "functions");
        return new Models<>(route, folders, functions, functions.of(ONLY));
    }

    /**
     * Most models in memory of one subtask; the one used least recently makes room. While a model
     * is replaced there is one more, beside those replaced that calls still hold.
     *
     * @param models 1 or more
     */
    public Models<I, O> maxLoaded(int models) {
        if (models < 1) {
            throw new IllegalArgumentException("maxLoaded: expected 1 or more, found " + models);
        }
        maxLoaded = models;
        return this;
    }

    /** Most bytes of the loaded models' files; like {@link #maxLoaded}. */
    public Models<I, O> maxBytes(MemorySize files) {
        maxBytes = files.getBytes();
        return this;
    }

    /**
     * Looks for new checkpoints in the models' folders. A folder is a checkpoint itself, if it has
     * a {@code config.json}, and a new one when its files change; or it holds a folder for each
     * version, of which the greatest name counts, numbers compared as numbers. Names that begin
     * with a dot or an underscore are passed over, and so are files that still change from one look
     * to the next. Taking the greatest version away goes back to the one before.
     *
     * @param interval from look to look, more than zero
     */
    public Models<I, O> watch(Duration interval) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException(
                    "watch: expected an interval of more than 0, found " + interval);
        }
        watchInterval = InferenceSettings.bounded(interval);
        return this;
    }

    /** What the state says, before {@link #open}. */
    void restore(
            Map<String, String> inUse,
            Map<String, String> requested,
            Map<String, String> failedTrials) {
        restoredFolders = Map.copyOf(inUse);
        restoredRequests = Map.copyOf(requested);
        restoredFailures = Map.copyOf(failedTrials);
    }

    /** Who is told what became of models, on any thread; before {@link #open}. */
    void listen(Consumer<ModelEvent> events) {
        listener = events;
    }

    /** Asks for another checkpoint; what becomes of it is told to the listener. */
    void request(ModelUpdate update) {
        swaps.request(update);
    }

    /** The folders that updates have put in use, by model. */
    Map<String, String> inUse() {
        return swaps.inUse();
    }

    /** The folders that are asked for and not decided on, by model. */
    Map<String, String> requested() {
        return swaps.requested();
    }

    /** Watched checkpoints that failed their trial, and what their files were then. */
    Map<String, String> failedTrials() {
        return swaps.failedTrials();
    }

    @Override
    public void open(RuntimeContext context) throws Exception {
        boolean watching = !watchInterval.isZero();
        ModelPool<I, O> opened =
                new ModelPool<>(functions, context, new ModelRoom.Bounds(maxLoaded, maxBytes));
        swaps =
                new ModelSwaps<>(
                        opened,
                        context.getTaskInfo(),
                        new ModelSwaps.Folders(folders, route == null, watching),
                        listener == null ? event -> {} : listener);
        pool = opened;
        if (restoredFolders != null) {
            swaps.restore(restoredFolders, restoredFailures);
        }
        if (route == null) {
            opened.release(opened.acquire(ONLY, swaps));
        }
        if (restoredRequests != null) {
            restoredRequests.forEach((model, to) -> swaps.request(new ModelUpdate(model, to)));
        }
        if (watching) {
            swaps.watch(watchInterval);
        }
    }

    @Override
    public String route(I record) {
        if (route == null) {
            return ONLY;
        }
        String model = route.apply(record);
        if (model == null) { // and not a model of the name null
            throw new IllegalArgumentException("route: expected the name of a model, found null");
        }
        return model;
    }

    @Override
    public long tokens(I record) {
        return pool.loaded(route(record)).orElse(unopened).tokens(record);
    }

    @Override
    public List<O> infer(List<I> batch) throws Exception {
        ModelPool.Loaded<I, O> model = pool.acquire(route(batch.getFirst()), swaps);
        try {
            List<O> results = model.function().infer(batch);
            model.answered(batch);
            return results;
        } finally {
            pool.release(model);
        }
    }

    @Override
    public ModelStatus status() {
        ModelPool<I, O> current = pool;
        return current == null ? ModelStatus.NONE : current.status();
    }

    @Override
    public void close() {
        if (swaps != null) {
            swaps.close();
        }
        if (pool != null) {
            pool.close();
        }
    }
}
