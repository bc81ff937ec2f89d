package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Arrays;
import java.util.List;
import org.flinksigmoid.kernels.internal.tornado.kernels.PortableAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * How a batch lies, as one array of integers that goes to the device with every run: the number of
 * sequences; of each stage the number of rows, each sequence's first row and one past the last,
 * each row's sequence, and the work items of attention; then the token ids.
 */
final class Geometry {
    /** Where the number of sequences stands. */
    static final int SEQUENCES_AT = 0;

    private final Stage[] stages;
    private final int idsAt;
    private final int sequences;
    private final IntArray array;

    /**
     * Where a stage's numbers stand in the array.
     *
     * @param rows most rows
     * @param rowsAt the number of rows
     * @param offsetsAt first rows of the sequences
     * @param sequencesAt sequences of the rows
     * @param itemsAt attention's work items, {@link PortableAttention#ITEM} integers each
     * @param items most items
     */
    record Stage(int rows, int rowsAt, int offsetsAt, int sequencesAt, int itemsAt, int items) {}

    /** A geometry for stages of up to so many rows of {@code sequences}, and {@code ids}. */
    Geometry(int[] stageRows, int sequences, int ids) {
        this.sequences = sequences;
        stages = new Stage[stageRows.length];
        int at = 1;
        for (int s = 0; s < stages.length; s++) {
            int rows = stageRows[s];
            int items = rows / PortableAttention.QUERIES + sequences;
            int offsetsAt = at + 1;
            int sequencesAt = offsetsAt + sequences + 1;
            int itemsAt = sequencesAt + rows;
            stages[s] = new Stage(rows, at, offsetsAt, sequencesAt, itemsAt, items);
            at = itemsAt + items * PortableAttention.ITEM;
        }
        idsAt = at;
        array = new IntArray(Math.addExact(at, ids));
        array.init(0);
    }

    Stage stage(int index) {
        return stages[index];
    }

    /** Where the token ids stand. */
    int idsAt() {
        return idsAt;
    }

    IntArray array() {
        return array;
    }

    /** Describes a batch that lies like {@code batches} at each stage. */
    void fill(List<RaggedBatch> batches) {
        array.set(SEQUENCES_AT, batches.getFirst().size());
        for (int s = 0; s < stages.length; s++) {
            fill(stages[s], batches.get(s), batches.get(s));
        }
    }

    /** Describes one stage: its queries, and the keys that they look at. */
    void fill(Stage stage, RaggedBatch queries, RaggedBatch keys) {
        array.set(stage.rowsAt(), queries.rows());
        int item = stage.itemsAt();
        for (int i = 0; i < queries.size(); i++) {
            int first = queries.offset(i);
            array.set(stage.offsetsAt() + i, first);
            for (int r = first; r < queries.offset(i + 1); r++) {
                array.set(stage.sequencesAt() + r, i);
            }
            for (int q = 0; q < queries.length(i); q += PortableAttention.QUERIES) {
                array.set(item, first + q);
                array.set(item + 1, queries.length(i) - q);
                array.set(item + 2, q);
                array.set(item + 3, keys.offset(i));
                array.set(item + 4, keys.length(i));
                item += PortableAttention.ITEM;
            }
        }
        array.set(stage.offsetsAt() + queries.size(), queries.rows());
        int end = stage.itemsAt() + stage.items() * PortableAttention.ITEM;
        for (; item < end; item += PortableAttention.ITEM) {
            array.set(item + 1, 0);
        }
    }

    /** Puts token ids in place. */
    void ids(int[] ids, int count) {
        for (int i = 0; i < count; i++) {
            array.set(idsAt + i, ids[i]);
        }
    }

    @Override
    public String toString() {
        return "geometry for " + sequences + " sequences, stages " + Arrays.toString(stages);
    }
}
