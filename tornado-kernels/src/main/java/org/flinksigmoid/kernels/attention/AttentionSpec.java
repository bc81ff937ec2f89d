package org.flinksigmoid.kernels.attention;

/**
 * What one multi-head attention computes: a mechanism and its constants. How it runs is a backend's
 * business. Queries, keys and values are rows of {@code heads * headDim} floats, head after head.
 *
 * <p>Adding a mechanism is adding a record here; the sealed switch then names every place that has
 * to decide.
 */
public sealed interface AttentionSpec permits SigmoidAttention, SoftmaxAttention {
    /** Number of heads. */
    int heads();

    /** Width of one head; a row has {@code heads() * headDim()} elements. */
    int headDim();

    /** Factor on {@code q . k}, usually {@code 1 / sqrt(headDim)}. */
    float scale();

    /** Which keys a query may attend to. */
    Mask mask();

    /** Whether ALiBi's {@code -slope(head) * |i - j|} is added to the logits. */
    boolean alibi();

    /** Elements of a row. */
    default int width() {
        return heads() * headDim();
    }

    /**
     * ALiBi's slope of a head (Press et al., arXiv 2108.12409): the geometric sequence {@code
     * 2^(-8(h+1)/H)} for H a power of two; otherwise the sequence of the next lower power of two,
     * filled up with every other slope of the next higher one, as the authors' code does.
     */
    static float alibiSlope(int head, int heads) {
        int power = Integer.highestOneBit(heads);
        if (head < power) {
            return (float) Math.pow(2, -8.0 * (head + 1) / power);
        }
        return (float) Math.pow(2, -8.0 * (2 * (head - power) + 1) / (2 * power));
    }
}
