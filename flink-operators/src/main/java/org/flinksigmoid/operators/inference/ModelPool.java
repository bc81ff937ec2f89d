package org.flinksigmoid.operators.inference;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one subtask that are in memory, by name. A call acquires a model and releases it; a
 * model that is replaced or makes room is closed once nobody holds it. Thread-safe.
 */
final class ModelPool<I, O> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelPool.class);

    private final Models.FunctionOf<I, O> functions;
    private final RuntimeContext context;
    private final ModelRoom room;
    private final Object lock = new Object();
    private final Map<String, Slot<I, O>> slots = new HashMap<>();
    private long clock;
    private long swaps;
    private long refusals;
    private Loaded<I, O> latest;
    private boolean closed;

    /** Where models that are not in memory come from. */
    interface Source<I, O> {
        /** Loads the model with {@link ModelPool#load}. */
        Loaded<I, O> load(String model) throws Exception;
    }

    /** A model in memory. */
    static final class Loaded<I, O> {
        private final InferenceFunction<I, O> function;
        private final String checkpoint;
        private final long bytes;
        private int users;
        private boolean retired;

        /** Whether calls held it when it was retired. */
        private boolean leaving;

        private volatile List<I> lastAnswered = List.of();

        private Loaded(InferenceFunction<I, O> function, String checkpoint, long bytes) {
            this.function = function;
            this.checkpoint = checkpoint;
            this.bytes = bytes;
        }

        InferenceFunction<I, O> function() {
            return function;
        }

        /** Folder of its files. */
        String checkpoint() {
            return checkpoint;
        }

        /** Notes the last batch that went well. */
        void answered(List<I> batch) {
            lastAnswered = batch;
        }

        List<I> lastAnswered() {
            return lastAnswered;
        }
    }

    private static final class Slot<I, O> {
        private Loaded<I, O> current;
        private boolean loading;
        private long lastUse;
    }

    ModelPool(Models.FunctionOf<I, O> functions, RuntimeContext context, ModelRoom.Bounds bounds) {
        this.functions = functions;
        this.context = context;
        this.room = new ModelRoom(bounds);
    }

    /**
     * The model of a name, to be released after one call.
     *
     * @param source loads it if it is not in memory, while other users of it wait
     */
    Loaded<I, O> acquire(String model, Source<I, O> source) throws Exception {
        Slot<I, O> slot;
        synchronized (lock) {
            slot = slots.computeIfAbsent(model, any -> new Slot<>());
            while (slot.loading) {
                lock.wait();
                slot = slots.computeIfAbsent(model, any -> new Slot<>());
            }
            if (slot.current != null) {
                return use(slot);
            }
            slot.loading = true;
        }
        Loaded<I, O> loaded = null;
        Loaded<I, O> used;
        try {
            loaded = source.load(model);
        } finally {
            used = endLoading(model, slot, loaded);
        }
        if (used != loaded) {
            close(loaded);
        }
        return used;
    }

    /**
     * The model to use: what was loaded, unless another was installed meanwhile.
     *
     * @param loaded null if loading failed; then there is none to use
     */
    private Loaded<I, O> endLoading(String model, Slot<I, O> slot, Loaded<I, O> loaded) {
        synchronized (lock) {
            slot.loading = false;
            lock.notifyAll();
            if (loaded == null) {
                if (slot.current == null) {
                    slots.remove(model, slot); // records may name what does not exist, for ever
                }
                return null;
            }
            if (slot.current == null) {
                slot.current = loaded;
                latest = loaded;
            }
            return use(slot);
        }
    }

    private Loaded<I, O> use(Slot<I, O> slot) {
        slot.current.users++;
        slot.lastUse = ++clock;
        return slot.current;
    }

    /** Ends a use. */
    void release(Loaded<I, O> model) {
        boolean last;
        synchronized (lock) {
            last = --model.users == 0 && model.retired;
            lock.notifyAll();
        }
        if (last) {
            close(model);
        }
    }

    /** The function of a model, if it is in memory; for questions that need no call. */
    Optional<InferenceFunction<I, O>> loaded(String model) {
        return current(model).map(Loaded::function);
    }

    /** A model, if it is in memory. */
    Optional<Loaded<I, O>> current(String model) {
        synchronized (lock) {
            Slot<I, O> slot = slots.get(model);
            return slot == null ? Optional.empty() : Optional.ofNullable(slot.current);
        }
    }

    /** Names of the models in memory. */
    Collection<String> names() {
        synchronized (lock) {
            return slots.entrySet().stream()
                    .filter(slot -> slot.getValue().current != null)
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    /**
     * Loads a checkpoint, which is not in use yet.
     *
     * @param makeRoom whether models are closed first, and waited for, to stay inside the bounds
     */
    Loaded<I, O> load(String checkpoint, boolean makeRoom) throws Exception {
        long bytes = room.bytes(checkpoint);
        reserve(bytes, makeRoom);
        InferenceFunction<I, O> function = null;
        boolean done = false;
        try {
            function = functions.of(checkpoint);
            function.open(context);
            done = true;
            return new Loaded<>(function, checkpoint, bytes);
        } finally {
            if (!done) {
                synchronized (lock) {
                    room.free(bytes);
                    lock.notifyAll();
                }
                closeQuietly(function, checkpoint);
            }
        }
    }

    private void reserve(long bytes, boolean makeRoom) throws InterruptedException {
        while (true) {
            Loaded<I, O> victim = null;
            synchronized (lock) {
                if (room.fits(bytes) || !makeRoom) {
                    room.take(bytes);
                    return;
                }
                victim = retireLeastRecentlyUsed();
                if (victim == null) {
                    lock.wait();
                }
            }
            if (victim != null) {
                close(victim);
            }
        }
    }

    /** Takes an idle model out of its slot; null if none is idle. */
    private Loaded<I, O> retireLeastRecentlyUsed() {
        Optional<Slot<I, O>> oldest =
                slots.values().stream()
                        .filter(slot -> !slot.loading) // who loads takes what is there then
                        .filter(slot -> slot.current != null && slot.current.users == 0)
                        .min(Comparator.comparingLong(slot -> slot.lastUse));
        if (oldest.isEmpty()) {
            return null;
        }
        Loaded<I, O> model = oldest.get().current;
        oldest.get().current = null;
        slots.values().remove(oldest.get());
        retire(model);
        LOG.debug("Model {} makes room for another", model.checkpoint);
        return model;
    }

    /**
     * Lets no further call have a model.
     *
     * @return whether to close it now; else the last call that holds it does
     */
    private boolean retire(Loaded<I, O> model) {
        model.retired = true;
        if (model.users == 0) {
            return true;
        }
        model.leaving = true;
        room.leaves(model.bytes);
        return false;
    }

    /** Puts a loaded model in the place of the one of that name, if there is one. */
    void install(String model, Loaded<I, O> next) {
        List<Loaded<I, O>> idle = new ArrayList<>();
        synchronized (lock) {
            Slot<I, O> slot = slots.computeIfAbsent(model, any -> new Slot<>());
            Loaded<I, O> old = slot.current;
            if (old != null && retire(old)) {
                idle.add(old);
            }
            slot.current = next;
            slot.lastUse = ++clock;
            latest = next;
            swaps++;
            if (closed) {
                slot.current = null;
                idle.add(next);
            }
        }
        idle.forEach(this::close);
        closeWhatIsTooMuch();
    }

    private void closeWhatIsTooMuch() {
        while (true) {
            Loaded<I, O> victim;
            synchronized (lock) {
                victim = room.exceeded() ? retireLeastRecentlyUsed() : null;
            }
            if (victim == null) {
                return; // what is in use goes with the next model that needs room
            }
            close(victim);
        }
    }

    /** Closes a model that never came into use. */
    void discard(Loaded<I, O> model) {
        close(model);
    }

    /** Counts a checkpoint that could not be used. */
    void refused() {
        synchronized (lock) {
            refusals++;
        }
    }

    /** How many names are remembered; for tests. */
    int remembered() {
        synchronized (lock) {
            return slots.size();
        }
    }

    /** Sums over the models in memory. */
    ModelStatus status() {
        synchronized (lock) {
            int loaded = 0;
            long bytes = 0;
            long deviceBytes = 0;
            ModelStatus last = ModelStatus.NONE;
            for (Slot<I, O> slot : slots.values()) {
                if (slot.current != null) {
                    ModelStatus status = slot.current.function.status();
                    loaded++;
                    bytes += status.bytes();
                    deviceBytes += status.deviceBytes();
                    last = slot.current == latest || loaded == 1 ? status : last;
                }
            }
            return new ModelStatus(
                    last.version(),
                    loaded,
                    bytes,
                    deviceBytes,
                    last.loadMillis(),
                    swaps,
                    refusals,
                    last.breaker());
        }
    }

    private void close(Loaded<I, O> model) {
        closeQuietly(model.function, model.checkpoint);
        synchronized (lock) {
            if (model.leaving) {
                room.left(model.bytes);
            } else {
                room.free(model.bytes);
            }
            lock.notifyAll();
        }
    }

    private static void closeQuietly(InferenceFunction<?, ?> function, String checkpoint) {
        if (function == null) {
            return;
        }
        try {
            function.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("Interrupted while closing {}", checkpoint, e);
        } catch (Exception e) { // nobody uses it any more, nobody else could act on it
            LOG.warn("Could not close {}", checkpoint, e);
        }
    }

    /** Closes all models that nobody holds; the others go when they are released. */
    @Override
    public void close() {
        List<Loaded<I, O>> idle = new ArrayList<>();
        synchronized (lock) {
            closed = true;
            for (Slot<I, O> slot : slots.values()) {
                if (slot.current != null && retire(slot.current)) {
                    idle.add(slot.current);
                }
                slot.current = null;
            }
        }
        idle.forEach(this::close);
    }
}
