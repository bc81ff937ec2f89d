package org.flinksigmoid.operators.inference;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyGroupStatePartitionStreamProvider;
import org.apache.flink.runtime.state.KeyedStateCheckpointOutputStream;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * The records in flight as state.
 *
 * <p>On a keyed stream they go to raw keyed state: one stream per key group, in order of arrival,
 * so that a rescale brings each record to the subtask that owns its key, with the order of every
 * key kept. Nothing is written per record while the job runs; a snapshot costs what is in flight.
 * Layout of a key group: {@code int32 version, int32 count}, and if the count is not 0 the
 * versioned snapshot of Flink's stream element serializer and that many stream records (value,
 * timestamp).
 *
 * <p>On a stream without keys they go to an operator list state, which Flink spreads evenly.
 * Neither is read as the other: records that were spread evenly are not where their key is, and
 * Flink shows raw keyed state to nobody without keys. So that they are not lost unseen, a keyed
 * operator notes in an operator list state how many there are.
 */
final class InFlightState<I> {
    private static final int VERSION = 1;
    private static final String LIST_STATE = "in-flight";
    private static final ListStateDescriptor<Long> KEYED_COUNT =
            new ListStateDescriptor<>("in-flight-keyed", Types.LONG);

    private final TypeSerializer<StreamElement> serializer;

    InFlightState(TypeSerializer<I> input) {
        this.serializer = new StreamElementSerializer<>(input);
    }

    /**
     * Refuses state of the other kind of stream if it holds records, which would be lost.
     *
     * @param keyed whether the stream has keys now
     */
    void requireKeys(boolean keyed, OperatorStateStore store) throws Exception {
        String other = keyed ? LIST_STATE : KEYED_COUNT.getName();
        if (!store.getRegisteredStateNames().contains(other)) {
            return;
        }
        long found = 0;
        if (keyed) {
            for (StreamElement _ : listState(store).get()) {
                found++;
            }
        } else {
            for (long count : store.getListState(KEYED_COUNT).get()) {
                found += count;
            }
        }
        if (found > 0) {
            throw new IOException(
                    ("in-flight records: expected those of a stream %s keys, found %d of one %s;"
                                    + " drain the job (stop --drain) before keys come or go")
                            .formatted(
                                    keyed ? "with" : "without", found, keyed ? "without" : "with"));
        }
    }

    /** Notes beside the key groups how many records they hold. */
    void writeCount(InFlight<I, ?> inFlight, OperatorStateStore store) throws Exception {
        int size = inFlight.size();
        store.getListState(KEYED_COUNT).update(size == 0 ? List.of() : List.of((long) size));
    }

    /** Writes every key group of the subtask. */
    void writeKeyed(
            InFlight<I, ?> inFlight, KeyedStateCheckpointOutputStream out, int maxParallelism)
            throws IOException {
        Map<Integer, List<Entry<I, ?>>> byKeyGroup = new TreeMap<>();
        inFlight.forEach(
                entry ->
                        byKeyGroup
                                .computeIfAbsent(
                                        KeyGroupRangeAssignment.assignToKeyGroup(
                                                entry.key, maxParallelism),
                                        group -> new ArrayList<>())
                                .add(entry));
        DataOutputView view = new DataOutputViewStreamWrapper(out);
        for (int keyGroup : out.getKeyGroupList()) {
            out.startNewKeyGroup(keyGroup);
            List<Entry<I, ?>> entries = byKeyGroup.getOrDefault(keyGroup, List.of());
            view.writeInt(VERSION);
            view.writeInt(entries.size());
            if (!entries.isEmpty()) {
                TypeSerializerSnapshot.writeVersionedSnapshot(
                        view, serializer.snapshotConfiguration());
                for (Entry<I, ?> entry : entries) {
                    serializer.serialize(toRecord(entry), view);
                }
            }
        }
    }

    /** Reads the key groups that the subtask owns now. */
    void readKeyed(
            Iterable<KeyGroupStatePartitionStreamProvider> groups,
            ClassLoader classLoader,
            Consumer<StreamRecord<I>> restored)
            throws IOException {
        for (KeyGroupStatePartitionStreamProvider group : groups) {
            DataInputView view = new DataInputViewStreamWrapper(group.getStream());
            int version = view.readInt();
            if (version != VERSION) {
                throw new IOException(
                        "in-flight records of key group %d: version %d is unknown, expected %d"
                                .formatted(group.getKeyGroupId(), version, VERSION));
            }
            int count = view.readInt();
            if (count != 0) {
                TypeSerializer<StreamElement> reader = reader(view, classLoader);
                for (int i = 0; i < count; i++) {
                    restored.accept(reader.deserialize(view).asRecord());
                }
            }
        }
    }

    private TypeSerializer<StreamElement> reader(DataInputView view, ClassLoader classLoader)
            throws IOException {
        TypeSerializerSnapshot<StreamElement> written =
                TypeSerializerSnapshot.readVersionedSnapshot(view, classLoader);
        var compatibility = serializer.snapshotConfiguration().resolveSchemaCompatibility(written);
        if (compatibility.isIncompatible()) {
            throw new IOException(
                    "in-flight records were written by a serializer that "
                            + serializer
                            + " can't read: "
                            + written);
        }
        return compatibility.isCompatibleAsIs() ? serializer : written.restoreSerializer();
    }

    /** Writes all records, in order of arrival. */
    void writeUnkeyed(InFlight<I, ?> inFlight, OperatorStateStore store) throws Exception {
        List<StreamElement> elements = new ArrayList<>(inFlight.size());
        inFlight.forEach(entry -> elements.add(toRecord(entry)));
        listState(store).update(elements);
    }

    /** Reads this subtask's share. */
    void readUnkeyed(OperatorStateStore store, Consumer<StreamRecord<I>> restored)
            throws Exception {
        for (StreamElement element : listState(store).get()) {
            restored.accept(element.asRecord());
        }
    }

    private ListState<StreamElement> listState(OperatorStateStore store) throws Exception {
        return store.getListState(new ListStateDescriptor<>(LIST_STATE, serializer));
    }

    private StreamRecord<I> toRecord(Entry<I, ?> entry) {
        StreamRecord<I> record = new StreamRecord<>(entry.value);
        if (entry.hasTimestamp) {
            record.setTimestamp(entry.timestamp);
        }
        return record;
    }
}
