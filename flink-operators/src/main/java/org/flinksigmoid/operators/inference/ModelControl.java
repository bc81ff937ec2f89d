package org.flinksigmoid.operators.inference;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's part in replacing models, its own and the second: brings updates to whom they
 * mean, and keeps which folders are in use and asked for in broadcast state, of which every subtask
 * holds the same. In updates, events and state the second model's names begin with {@link
 * ModelUpdate#SECOND}.
 */
final class ModelControl {
    private static final Logger LOG = LoggerFactory.getLogger(ModelControl.class);
    private static final String FIRST = "";
    private static final MapStateDescriptor<String, String> IN_USE =
            new MapStateDescriptor<>("models-in-use", Types.STRING, Types.STRING);
    private static final MapStateDescriptor<String, String> REQUESTED =
            new MapStateDescriptor<>("models-requested", Types.STRING, Types.STRING);
    private static final MapStateDescriptor<String, String> FAILED =
            new MapStateDescriptor<>("models-failed", Types.STRING, Types.STRING);

    /** Those that can be replaced, by what their names begin with. */
    private final Map<String, Models<?, ?>> replaceable = new LinkedHashMap<>();

    private Consumer<ModelEvent> listener = event -> {};

    ModelControl(OperatorPlan<?, ?> plan) {
        if (plan.second() != null && plan.second().function() instanceof Models<?, ?> second) {
            replaceable.put(ModelUpdate.SECOND, second);
        }
        if (plan.function() instanceof Models<?, ?> first) {
            replaceable.put(FIRST, first);
        }
    }

    /** Whether any model can be replaced. */
    boolean isOfUse() {
        return !replaceable.isEmpty();
    }

    /**
     * Tells the models what the state says, and whom to tell of what becomes of updates; before
     * they are opened.
     *
     * @param events told on any thread
     */
    void restore(OperatorStateStore store, Consumer<ModelEvent> events) throws Exception {
        listener = events;
        Map<String, String> inUse = read(store, IN_USE);
        Map<String, String> requested = read(store, REQUESTED);
        Map<String, String> failed = read(store, FAILED);
        for (Map.Entry<String, Models<?, ?>> one : replaceable.entrySet()) {
            String prefix = one.getKey();
            one.getValue()
                    .restore(named(prefix, inUse), named(prefix, requested), named(prefix, failed));
            one.getValue().listen(event -> events.accept(event.of(prefix + event.model())));
        }
    }

    /** Asks for another model; what can't be replaced is refused. */
    void request(ModelUpdate update, TaskInfo task) {
        String prefix = prefix(update.model());
        Models<?, ?> models = replaceable.get(prefix);
        if (models != null) {
            String name = update.model().substring(prefix.length());
            models.request(new ModelUpdate(name, update.folder()));
            return;
        }
        String why =
                "expected an update of a function that is Models, found one of the %s, which is not"
                        .formatted(prefix.equals(FIRST) ? "first" : "second");
        LOG.warn("{} is refused as model \"{}\": {}", update.folder(), update.model(), why);
        listener.accept(
                new ModelEvent(
                        update.model(),
                        update.folder(),
                        "",
                        false,
                        why,
                        0,
                        task.getIndexOfThisSubtask(),
                        System.currentTimeMillis()));
    }

    /** Writes what the models say. */
    void snapshot(OperatorStateStore store) throws Exception {
        Map<String, String> inUse = new HashMap<>();
        Map<String, String> requested = new HashMap<>();
        Map<String, String> failed = new HashMap<>();
        replaceable.forEach(
                (prefix, models) -> {
                    models.inUse().forEach((name, folder) -> inUse.put(prefix + name, folder));
                    models.requested()
                            .forEach((name, folder) -> requested.put(prefix + name, folder));
                    models.failedTrials().forEach((at, files) -> failed.put(prefix + at, files));
                });
        write(store, IN_USE, inUse);
        write(store, REQUESTED, requested);
        write(store, FAILED, failed);
    }

    private static String prefix(String model) {
        return model.startsWith(ModelUpdate.SECOND) ? ModelUpdate.SECOND : FIRST;
    }

    /** What is said of the models of a prefix, by their own names. */
    private static Map<String, String> named(String prefix, Map<String, String> all) {
        Map<String, String> found = new HashMap<>();
        all.forEach(
                (model, folder) -> {
                    if (prefix(model).equals(prefix)) {
                        found.put(model.substring(prefix.length()), folder);
                    }
                });
        return found;
    }

    private static Map<String, String> read(
            OperatorStateStore store, MapStateDescriptor<String, String> descriptor)
            throws Exception {
        Map<String, String> read = new HashMap<>();
        for (Map.Entry<String, String> entry :
                store.getBroadcastState(descriptor).immutableEntries()) {
            read.put(entry.getKey(), entry.getValue());
        }
        return read;
    }

    private static void write(
            OperatorStateStore store,
            MapStateDescriptor<String, String> descriptor,
            Map<String, String> values)
            throws Exception {
        BroadcastState<String, String> state = store.getBroadcastState(descriptor);
        state.clear();
        state.putAll(values);
    }
}
