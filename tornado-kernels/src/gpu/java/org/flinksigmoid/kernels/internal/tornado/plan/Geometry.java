package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Arrays;
import java.util.List;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;
import org.flinksigmoid.kernels.internal.tornado.kernels.PortableAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * How a batch lies, as one array of integers. It starts with the number of sequences and the place
 * of the token ids; then come, for each stage, the number of its rows and the places of three
 * lists: each sequence's first row and one past the last, each row's sequence, and the work items
 * of portable attention. Kernels look places up, so that one kernel serves every capacity. All this
 * goes to the device with every run, but each row's sequence, which the device finds out by itself
 * where a kernel asks for it.
 */
final class Geometry {
    /** Where the number of sequences stands. */
    static final int SEQUENCES_AT = 0;

    /** Where the place of the token ids stands. */
    static final int IDS_AT = 1;

    private static final int HEADER = 2;
    private static final int STAGE_HEADER = 4;

    private final Stage[] stages;
    private final int idsStart;
    private final int[] values;
    private final Region array;

    /**
     * Where a stage's numbers stand in the array.
     *
     * @param rows most rows
     * @param rowsAt the number of rows; the places of the lists follow
     * @param items most work items of attention; 0 if there are none
     */
    record Stage(int rows, int rowsAt, int items) {
        /** The place of the sequences' first rows. */
        int offsetsAt() {
            return rowsAt + 1;
        }

        /** The place of the rows' sequences. */
        int sequencesAt() {
            return rowsAt + 2;
        }

        /** The place of attention's work items, {@link PortableAttention#ITEM} integers each. */
        int itemsAt() {
            return rowsAt + 3;
        }
    }

    /**
     * A geometry.
     *
     * @param stageRows most rows of each stage
     * @param sequences most sequences
     * @param ids most token ids
     * @param items whether portable attention needs its work items
     */
    Geometry(Recording recording, int[] stageRows, int sequences, int ids, boolean items) {
        stages = new Stage[stageRows.length];
        int[] places = new int[HEADER + STAGE_HEADER * stages.length];
        int at = places.length;
        for (int s = 0; s < stages.length; s++) {
            int count = items ? stageRows[s] / PortableAttention.QUERIES + sequences : 0;
            stages[s] = new Stage(stageRows[s], HEADER + STAGE_HEADER * s, count);
            places[stages[s].offsetsAt()] = at;
            places[stages[s].itemsAt()] = at + sequences + 1;
            at += sequences + 1 + count * PortableAttention.ITEM;
        }
        idsStart = at;
        places[IDS_AT] = at;
        at = Math.addExact(at, ids);
        values = Arrays.copyOf(places, at);
        for (Stage stage : stages) {
            values[stage.sequencesAt()] = at;
            at = Math.addExact(at, stage.rows());
        }
        array = recording.array(Region.Type.INTS, at);
    }

    Stage stage(int index) {
        return stages[index];
    }

    Region array() {
        return array;
    }

    /** Describes a batch that lies like {@code batches} at each stage. */
    void fill(List<RaggedBatch> batches) {
        for (int s = 0; s < stages.length; s++) {
            fill(stages[s], batches.get(s), batches.get(s));
        }
    }

    /** Describes one stage: its queries, and the keys that they look at. */
    void fill(Stage stage, RaggedBatch queries, RaggedBatch keys) {
        values[SEQUENCES_AT] = queries.size();
        values[stage.rowsAt()] = queries.rows();
        for (int i = 0; i <= queries.size(); i++) {
            values[values[stage.offsetsAt()] + i] = queries.offset(i);
        }
        if (stage.items() > 0) {
            fillItems(stage, queries, keys);
        }
    }

    private void fillItems(Stage stage, RaggedBatch queries, RaggedBatch keys) {
        int item = values[stage.itemsAt()];
        for (int i = 0; i < queries.size(); i++) {
            for (int q = 0; q < queries.length(i); q += PortableAttention.QUERIES) {
                values[item] = queries.offset(i) + q;
                values[item + 1] = queries.length(i) - q;
                values[item + 2] = q;
                values[item + 3] = keys.offset(i);
                values[item + 4] = keys.length(i);
                item += PortableAttention.ITEM;
            }
        }
        int end = values[stage.itemsAt()] + stage.items() * PortableAttention.ITEM;
        for (; item < end; item += PortableAttention.ITEM) {
            values[item + 1] = 0;
        }
    }

    /** Sends what was filled in, without token ids. */
    void send(Staging staging, CardStream stream) {
        staging.up(stream, values, idsStart, array);
    }

    /** Sends what was filled in, and {@code count} of {@code ids}. */
    void send(Staging staging, CardStream stream, int[] ids, int from, int count) {
        System.arraycopy(ids, from, values, idsStart, count);
        staging.up(stream, values, idsStart + count, array);
    }
}
