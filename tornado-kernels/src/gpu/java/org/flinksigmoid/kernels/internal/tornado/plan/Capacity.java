package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * What a task graph is built for: any batch of up to so many input rows and sequences. Batches are
 * rounded up to powers of two, so that few graphs serve all.
 *
 * @param rows input rows
 * @param sequences sequences
 */
record Capacity(int rows, int sequences) {
    private static final int FEWEST_ROWS = 64;
    private static final int FEWEST_SEQUENCES = 16;
    private static final int LONGEST_USUAL = 1 << 13;

    /** The capacity that a batch runs in. */
    static Capacity of(RaggedBatch batch) {
        return new Capacity(
                powerOfTwo(Math.max(FEWEST_ROWS, batch.rows())),
                powerOfTwo(Math.max(FEWEST_SEQUENCES, batch.size())));
    }

    /**
     * Capacities of which some batch of sequences of usual length has the kernels: these differ
     * with the rows of a sequence alone.
     */
    static List<Capacity> usual(Program program) {
        int longest = powerOfTwo(Math.min(LONGEST_USUAL, Math.max(FEWEST_ROWS, program.maxRows())));
        List<Capacity> usual = new ArrayList<>();
        for (int length = FEWEST_ROWS; length <= longest; length *= 2) {
            usual.add(new Capacity(length * FEWEST_SEQUENCES, FEWEST_SEQUENCES));
        }
        return usual;
    }

    private static int powerOfTwo(int least) {
        return Integer.highestOneBit(least - 1) << 1;
    }

    /**
     * The most rows that each stage can have: a sequence of L rows leaves a convolution with at
     * most {@code L / stride + (2 padding - kernel) / stride + 1}, rounded up.
     */
    int[] stages(Program program) {
        int stages = 1;
        for (Slot slot : program.slots()) {
            stages = Math.max(stages, slot.stage() + 1);
        }
        int[] capacities = new int[stages];
        capacities[0] = rows;
        int last = 0;
        for (Op op : program.ops()) {
            if (op instanceof Op.Conv1d conv && program.slot(conv.out()).stage() == last + 1) {
                int edge = Math.max(0, 2 * conv.padding() - conv.kernel() + conv.stride());
                long most =
                        capacities[last] / conv.stride()
                                + (long) sequences * Math.ceilDiv(edge, conv.stride());
                capacities[++last] = Math.toIntExact(most);
            }
        }
        return capacities;
    }

    /** Rows of a slot at the most. */
    int rows(Slot slot, int[] stages) {
        return slot.stage() == Slot.PER_SEQUENCE ? sequences : stages[slot.stage()];
    }
}
