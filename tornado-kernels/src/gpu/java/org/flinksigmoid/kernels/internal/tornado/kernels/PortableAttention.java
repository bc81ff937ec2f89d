package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@code out_i = sum_j p(scale q_i . k_j - slope |i - j| + b) v_j} in float, p the sigmoid
 * (Ramapuram et al., arXiv 2409.04431, equation 3) or the softmax: O(n^2 d) time, no n x n matrix.
 *
 * <p>A group takes 64 queries of one head, a thread each: it keeps its query and its sum, and goes
 * over the keys in tiles of 32 that the group shares. Softmax keeps a running maximum and rescales
 * its sum when that rises (Milakov and Gimelshein, arXiv 1805.02867); the sigmoid needs neither.
 */
public final class PortableAttention {
    /** Threads, and queries, of a group. */
    public static final int QUERIES = 64;

    /** Integers a group's work is described by: see {@link #attend}. */
    public static final int ITEM = 5;

    /** Widest head; {@link WideAttention} takes wider ones. */
    public static final int MAX_HEAD = 128;

    /** Option: softmax in the sigmoid's place. */
    public static final int SOFTMAX = 1;

    /** Option: query i sees keys up to i. */
    public static final int CAUSAL = 2;

    /** Option: ALiBi. */
    public static final int ALIBI = 4;

    /** Option: {@code -ln n} is added, n the keys that the query sees. */
    public static final int LOG_N = 8;

    private static final int KEYS = 32;

    private PortableAttention() {}

    /**
     * The kernel. Grid: (items, heads).
     *
     * @param geometry from the place that stands at {@code itemsAt} on, of each group: row of its
     *     first query, queries left from there on, position of that query in its sequence, row of
     *     the first key, keys
     * @param columns where queries, keys and values start in a row
     * @param slopes ALiBi's slope of each head
     * @param stride elements from a row of q, k or v to the next
     * @param outStride the same of the output
     * @param window how far a query sees; {@code Integer.MAX_VALUE} for no limit
     */
    public static void attend(
            KernelContext context,
            IntArray geometry,
            FloatArray q,
            FloatArray k,
            FloatArray v,
            FloatArray out,
            IntArray columns,
            FloatArray slopes,
            int itemsAt,
            int headDim,
            int stride,
            int outStride,
            int options,
            int window,
            float scale,
            float bias) {
        float[] keyTile = context.allocateFloatLocalArray(KEYS * MAX_HEAD);
        float[] valueTile = context.allocateFloatLocalArray(KEYS * MAX_HEAD);
        int thread = context.localIdx;
        int item = geometry.get(itemsAt) + context.groupIdx * ITEM;
        int queriesLeft = geometry.get(item + 1);
        if (queriesLeft > 0) {
            int position = geometry.get(item + 2) + thread;
            int lastPosition = geometry.get(item + 2) + Math.min(queriesLeft, QUERIES) - 1;
            int keyRow = geometry.get(item + 3);
            int keys = geometry.get(item + 4);
            int head = context.groupIdy * headDim;
            boolean mine = thread < queriesLeft;
            float[] query = new float[MAX_HEAD];
            float[] sums = new float[MAX_HEAD];
            int from = (geometry.get(item) + thread) * stride + columns.get(0) + head;
            for (int d = 0; d < headDim; d++) {
                query[d] = mine ? q.get(from + d) * scale : 0f;
                sums[d] = 0f;
            }
            // what this query sees, and what any query of the group sees
            int first = 0;
            int end = keys;
            int groupFirst = 0;
            int groupEnd = keys;
            if (window != Integer.MAX_VALUE) {
                first = Math.max(0, position - window);
                end = Math.min(keys, position + window + 1);
                groupFirst = Math.max(0, geometry.get(item + 2) - window);
                groupEnd = Math.min(keys, lastPosition + window + 1);
            }
            if ((options & CAUSAL) != 0) {
                end = Math.min(end, position + 1);
                groupEnd = Math.min(groupEnd, lastPosition + 1);
            }
            float slope = (options & ALIBI) == 0 ? 0f : slopes.get(context.groupIdy);
            float start = bias;
            if ((options & LOG_N) != 0) {
                start = bias - TornadoMath.log((float) Math.max(1, end - first));
            }
            float max = Float.NEGATIVE_INFINITY;
            float total = 0f;
            for (int tile = groupFirst; tile < groupEnd; tile += KEYS) {
                for (int e = thread; e < KEYS * headDim; e += QUERIES) {
                    int key = tile + e / headDim;
                    int d = e % headDim;
                    float keyElement = 0f;
                    float valueElement = 0f;
                    if (key < keys) {
                        int row = (keyRow + key) * stride + head + d;
                        keyElement = k.get(row + columns.get(1));
                        valueElement = v.get(row + columns.get(2));
                    }
                    keyTile[e] = keyElement;
                    valueTile[e] = valueElement;
                }
                context.localBarrier();
                int begin = Math.max(first, tile);
                int stop = Math.min(end, tile + KEYS);
                for (int key = begin; key < stop; key++) {
                    int at = (key - tile) * headDim;
                    int distance = Math.max(position - key, key - position);
                    float x = start - slope * distance;
                    for (int d = 0; d < headDim; d++) {
                        x += query[d] * keyTile[at + d];
                    }
                    float p = 0f;
                    if ((options & SOFTMAX) == 0) {
                        p = Pointwise.sigmoid(x);
                    } else {
                        float higher = Math.max(max, x);
                        float shrink = TornadoMath.exp(max - higher);
                        p = TornadoMath.exp(x - higher);
                        total = total * shrink + p;
                        max = higher;
                        for (int d = 0; d < headDim; d++) {
                            sums[d] = sums[d] * shrink;
                        }
                    }
                    for (int d = 0; d < headDim; d++) {
                        sums[d] += p * valueTile[at + d];
                    }
                }
                context.localBarrier();
            }
            if (mine) {
                float factor = 1f;
                if ((options & SOFTMAX) != 0) {
                    factor = total > 0f ? 1f / total : 0f;
                }
                int to = (geometry.get(item) + thread) * outStride + head;
                for (int d = 0; d < headDim; d++) {
                    out.set(to + d, sums[d] * factor);
                }
            }
        }
    }
}
