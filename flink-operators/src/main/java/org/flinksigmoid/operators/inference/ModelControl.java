package org.flinksigmoid.operators.inference;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * The operator's part in replacing models: which folders are in use and asked for goes into
 * broadcast state, of which every subtask holds the same.
 */
final class ModelControl {
    private static final MapStateDescriptor<String, String> IN_USE =
            new MapStateDescriptor<>("models-in-use", Types.STRING, Types.STRING);
    private static final MapStateDescriptor<String, String> REQUESTED =
            new MapStateDescriptor<>("models-requested", Types.STRING, Types.STRING);

    private ModelControl() {}

    /** Hands the models what the state says; before they are opened. */
    static void restore(Models<?, ?> models, OperatorStateStore store) throws Exception {
        models.restore(read(store, IN_USE), read(store, REQUESTED));
    }

    /** Writes what the models say. */
    static void snapshot(Models<?, ?> models, OperatorStateStore store) throws Exception {
        write(store, IN_USE, models.inUse());
        write(store, REQUESTED, models.requested());
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
