package org.flinksigmoid.kernels.internal.interpret;

import java.util.List;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * The buffers of one program: an array for each slot, grown to the largest batch seen and kept, so
 * that a steady stream of batches allocates none. Not thread-safe; owned by one executable.
 */
public final class Workspace {
    private final Program program;
    private final SlotLayout layout;
    private final float[][] slots;
    private final int[] rows;
    private List<RaggedBatch> stages = List.of(RaggedBatch.ofLengths());
    private int[] ids = new int[0];

    /** Features that came in an array for each sequence. */
    private float[] packed = new float[0];

    /** An empty workspace; {@link #begin} sizes it. */
    public Workspace(Program program, SlotLayout layout) {
        this.program = program;
        this.layout = layout;
        this.slots = new float[program.slots().size()][0];
        this.rows = new int[slots.length];
    }

    /** Sizes the slots for {@code batch} and puts its (checked) input in place. */
    void begin(RaggedBatch batch, Input input) {
        if (!batch.equals(stages.getFirst())) {
            stages = program.stages(batch);
        }
        for (int i = 0; i < slots.length; i++) {
            Slot slot = program.slot(i);
            rows[i] = Program.rows(slot, stages);
            slots[i] = grown(slots[i], layout.size(rows[i], slot.width()));
        }
        switch (input) {
            case Input.TokenIds tokens -> ids = tokens.ids();
            case Input.Features features -> load(features.values());
            case Input.FeatureSequences features -> load(packed(features.sequences()));
        }
    }

    private void load(float[] values) {
        int slot = program.input();
        layout.load(values, rows[slot], program.slot(slot).width(), slots[slot]);
    }

    private float[] packed(List<float[]> sequences) {
        int slot = program.input();
        packed = grown(packed, Math.multiplyExact(rows[slot], program.slot(slot).width()));
        int at = 0;
        for (float[] sequence : sequences) {
            System.arraycopy(sequence, 0, packed, at, sequence.length);
            at += sequence.length;
        }
        return packed;
    }

    /** The rows of a slot, row-major, in a new array. */
    float[] copyOf(int slot) {
        int width = program.slot(slot).width();
        float[] copy = new float[Math.multiplyExact(rows[slot], width)];
        layout.store(slots[slot], rows[slot], width, copy);
        return copy;
    }

    /**
     * {@code array}, or a larger one with a quarter to spare if it is shorter than {@code size}.
     */
    public static float[] grown(float[] array, int size) {
        if (array.length >= size) {
            return array;
        }
        long roomy = size + (array.length == 0 ? 0L : size / 4);
        return new float[(int) Math.min(roomy, Integer.MAX_VALUE - 8)];
    }

    /** The array of a slot, in the backend's layout; valid until the next run. */
    public float[] slot(int id) {
        return slots[id];
    }

    /** Rows of a slot in this run. */
    public int rows(int id) {
        return rows[id];
    }

    /** Elements of a row of a slot. */
    public int width(int id) {
        return program.slot(id).width();
    }

    /** How the sequences lie in a slot that has rows of sequences. */
    public RaggedBatch sequences(int id) {
        return stages.get(program.slot(id).stage());
    }

    /** The token ids of this run, at least as many as rows. */
    public int[] ids() {
        return ids;
    }
}
