package org.flinksigmoid.kernels.internal.tornado;

import java.util.Random;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Random inputs of programs. */
public final class Inputs {
    private static final int SMALLEST_VOCABULARY = 256;

    private Inputs() {}

    public static Input random(Program program, RaggedBatch batch, long seed) {
        Random random = new Random(seed);
        if (program.tokens()) {
            return new Input.TokenIds(random.ints(batch.rows(), 0, SMALLEST_VOCABULARY).toArray());
        }
        return new Input.Features(
                gaussians(random, batch.rows() * program.slot(program.input()).width(), 1));
    }

    public static float[] gaussians(Random random, int count, float deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = deviation * (float) random.nextGaussian();
        }
        return values;
    }
}
