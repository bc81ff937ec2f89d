package org.flinksigmoid.kernels.attention;

/**
 * Which keys {@code j} of its sequence a query {@code i} may attend to, both counted from 0.
 *
 * @param causal only {@code j <= i}
 * @param window only {@code |i - j| <= window}; {@link #UNLIMITED} for no such limit
 */
public record Mask(boolean causal, int window) {
    /** No sliding window. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Every query sees every key of its sequence. */
    public static final Mask NONE = new Mask(false, UNLIMITED);

    public Mask {
        if (window < 0) {
            throw new IllegalArgumentException(
                    "attention.sliding_window: expected >= 0, found " + window);
        }
    }

    /** First key that query {@code query} may see, before cutting at the number of keys. */
    public int firstKey(int query) {
        return window == UNLIMITED ? 0 : Math.max(0, query - window);
    }

    /** One past the last key that query {@code query} may see, of {@code keys} in its sequence. */
    public int endKey(int query, int keys) {
        long end = causal ? query + 1L : (window == UNLIMITED ? keys : query + (long) window + 1);
        return (int) Math.min(end, keys);
    }
}
