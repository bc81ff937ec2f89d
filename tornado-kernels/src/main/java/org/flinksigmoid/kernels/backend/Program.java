package org.flinksigmoid.kernels.backend;

import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * A forward pass as data: operations over numbered buffers, in the order they run. Models build it
 * once; every backend interprets or compiles the same program. Immutable.
 *
 * @param slots the buffers, each at the index that is its id
 * @param ops what to do, in order
 * @param input slot that the batch's features are put into, or the {@link Op.Embed}'s output when
 *     the input is token ids
 * @param tokens whether the input is token ids (the first operation is an {@link Op.Embed})
 * @param outputs slots handed back, in this order
 * @param maxRows longest sequence that the model takes, in input rows
 */
public record Program(
        List<Slot> slots,
        List<Op> ops,
        int input,
        boolean tokens,
        List<Integer> outputs,
        int maxRows) {
    public Program {
        slots = List.copyOf(slots);
        ops = List.copyOf(ops);
        outputs = List.copyOf(outputs);
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).id() != i) {
                throw new IllegalArgumentException(
                        "slot %s: expected id %d, found %d"
                                .formatted(slots.get(i).name(), i, slots.get(i).id()));
            }
        }
        if (maxRows < 1) {
            throw new IllegalArgumentException("max rows: expected >= 1, found " + maxRows);
        }
        if (tokens && !(ops.getFirst() instanceof Op.Embed)) {
            throw new IllegalArgumentException(
                    "first operation: expected Embed for token input, found "
                            + ops.getFirst().getClass().getSimpleName());
        }
    }

    /** The slot of that id. */
    public Slot slot(int id) {
        return slots.get(id);
    }

    /**
     * How the sequences lie at each stage: element 0 is {@code batch}, element s what is left of it
     * after the first s strided convolutions.
     */
    public List<RaggedBatch> stages(RaggedBatch batch) {
        List<RaggedBatch> stages = new ArrayList<>();
        stages.add(batch);
        for (Op op : ops) {
            if (op instanceof Op.Conv1d conv && slot(conv.out()).stage() == stages.size()) {
                RaggedBatch before = stages.getLast();
                int[] lengths = new int[before.size()];
                for (int i = 0; i < lengths.length; i++) {
                    lengths[i] = conv.outputLength(before.length(i));
                }
                stages.add(RaggedBatch.ofLengths(lengths));
            }
        }
        return List.copyOf(stages);
    }

    /** Rows of {@code slot} when {@code stages} lie as {@link #stages} says. */
    public static int rows(Slot slot, List<RaggedBatch> stages) {
        return slot.stage() == Slot.PER_SEQUENCE
                ? stages.getFirst().size()
                : stages.get(slot.stage()).rows();
    }
}
