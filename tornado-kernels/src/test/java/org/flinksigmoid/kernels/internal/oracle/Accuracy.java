package org.flinksigmoid.kernels.internal.oracle;

import static org.assertj.core.api.Assertions.assertThat;

/** The project's rule for a fast kernel's error. */
public final class Accuracy {
    private Accuracy() {}

    /** Largest |found - expected|; NaN counts as infinite unless both are. */
    public static double worst(double[] expected, float[] found) {
        assertThat(found).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(found[i] - expected[i]);
            if (Double.isNaN(error)) {
                boolean both = Double.isNaN(expected[i]) && Float.isNaN(found[i]);
                error = both ? 0 : Double.POSITIVE_INFINITY;
            }
            worst = Math.max(worst, error);
        }
        return worst;
    }

    /** Largest |expected|. */
    public static double magnitude(double[] expected) {
        double largest = 0;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** Fails unless error(fast) is at most 2 x error(scalar) + floor x the largest |expected|. */
    public static void requireWithinTwiceScalar(
            String what, double[] expected, float[] scalar, float[] fast, double floor) {
        double bound = 2 * worst(expected, scalar) + floor * magnitude(expected);
        assertThat(worst(expected, fast))
                .as("%s: error against double, bound from scalar error %s", what, bound)
                .isLessThanOrEqualTo(bound);
    }
}
