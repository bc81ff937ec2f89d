package org.flinksigmoid.kernels.internal.tornado;

import static org.assertj.core.api.Assertions.assertThat;

/** How far apart two results are. */
public final class Closeness {
    private Closeness() {}

    /** The largest difference, relative to the largest expected value, is at most {@code most}. */
    public static void assertClose(String name, float[] actual, float[] expected, double most) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double apart = Math.abs((double) actual[i] - expected[i]);
            if (!(apart <= difference)) {
                difference = apart;
                worst = i;
            }
        }
        System.out.printf("%s: relative error %.2e%n", name, difference / largest);
        assertThat(difference / largest)
                .as("%s, worst at %d of %d", name, worst, expected.length)
                .isLessThanOrEqualTo(most);
    }
}
