package org.flinksigmoid.kernels.internal.oracle;

import java.util.Random;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/** Seeded numbers for tests and benchmarks. */
public final class RandomArrays {
    private final Random random;

    public RandomArrays(long seed) {
        this.random = new Random(seed);
    }

    /** Normal numbers of the given standard deviation. */
    public float[] normal(int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    /** A tensor of normal numbers. */
    public Tensor tensor(String name, double deviation, long... shape) {
        Shape dimensions = Shape.of(shape);
        return Tensor.ofFloats(
                name, dimensions, normal(Math.toIntExact(dimensions.elements()), deviation));
    }

    /** Ids below {@code bound}. */
    public int[] ids(int count, int bound) {
        return random.ints(count, 0, bound).toArray();
    }

    /** As double. */
    public static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
