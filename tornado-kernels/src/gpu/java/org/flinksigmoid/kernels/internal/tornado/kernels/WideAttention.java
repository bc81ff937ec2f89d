package org.flinksigmoid.kernels.internal.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@link PortableAttention} for heads of any width: the same function, options and work items.
 *
 * <p>A thread keeps the probabilities of a tile of keys, not its query and its sum: these stay in
 * memory, and columns of keys and values go through shared memory a few at a time, by the same loop
 * written twice: see {@link RowKernels}.
 */
public final class WideAttention {
    private static final int KEYS = 32;
    private static final int COLUMNS = 64;

    private WideAttention() {}

    /** The kernel; see {@link PortableAttention#attend}. {@code out} overlaps no input. */
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
        float[] shared = context.allocateFloatLocalArray(KEYS * COLUMNS);
        int thread = context.localIdx;
        int item = geometry.get(itemsAt) + context.groupIdx * PortableAttention.ITEM;
        int queriesLeft = geometry.get(item + 1);
        if (queriesLeft > 0) {
            int position = geometry.get(item + 2) + thread;
            int lastPosition =
                    geometry.get(item + 2) + Math.min(queriesLeft, PortableAttention.QUERIES) - 1;
            int keyRow = geometry.get(item + 3);
            int keys = geometry.get(item + 4);
            int head = context.groupIdy * headDim;
            boolean mine = thread < queriesLeft;
            int from = (geometry.get(item) + thread) * stride + columns.get(0) + head;
            int to = (geometry.get(item) + thread) * outStride + head;
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
            if ((options & PortableAttention.CAUSAL) != 0) {
                end = Math.min(end, position + 1);
                groupEnd = Math.min(groupEnd, lastPosition + 1);
            }
            float slope =
                    (options & PortableAttention.ALIBI) == 0 ? 0f : slopes.get(context.groupIdy);
            float start = bias;
            if ((options & PortableAttention.LOG_N) != 0) {
                start = bias - TornadoMath.log((float) Math.max(1, end - first));
            }
            float max = Float.NEGATIVE_INFINITY;
            float total = 0f;
            float[] weights = new float[KEYS]; // logits, then probabilities
            if (mine) {
                for (int d = 0; d < headDim; d++) {
                    out.set(to + d, 0f);
                }
            }
            for (int tile = groupFirst; tile < groupEnd; tile += KEYS) {
                for (int j = 0; j < KEYS; j++) {
                    int distance = Math.max(position - tile - j, tile + j - position);
                    weights[j] = start - slope * distance;
                }
                for (int column = 0; column < headDim; column += COLUMNS) {
                    int wide = Math.min(COLUMNS, headDim - column);
                    for (int e = thread; e < KEYS * COLUMNS; e += PortableAttention.QUERIES) {
                        int key = tile + e / COLUMNS;
                        int d = e % COLUMNS;
                        float element = 0f;
                        if (key < keys && d < wide) {
                            int at = (keyRow + key) * stride + columns.get(1) + head;
                            element = k.get(at + column + d);
                        }
                        shared[e] = element;
                    }
                    context.localBarrier();
                    if (mine) {
                        for (int d = 0; d < wide; d++) {
                            float x = q.get(from + column + d) * scale;
                            for (int j = 0; j < KEYS; j++) {
                                weights[j] += x * shared[j * COLUMNS + d];
                            }
                        }
                    }
                    context.localBarrier();
                }
                float shrink = 1f;
                if ((options & PortableAttention.SOFTMAX) != 0) {
                    float highest = max;
                    for (int j = 0; j < KEYS; j++) {
                        if (tile + j >= first && tile + j < end) {
                            highest = Math.max(highest, weights[j]);
                        }
                    }
                    if (highest > max) {
                        shrink = TornadoMath.exp(max - highest);
                        max = highest;
                    }
                    total = total * shrink;
                }
                for (int j = 0; j < KEYS; j++) {
                    float p = 0f;
                    if (tile + j >= first && tile + j < end) {
                        if ((options & PortableAttention.SOFTMAX) == 0) {
                            p = Pointwise.sigmoid(weights[j]);
                        } else {
                            p = TornadoMath.exp(weights[j] - max);
                            total += p;
                        }
                    }
                    weights[j] = p;
                }
                for (int column = 0; column < headDim; column += COLUMNS) {
                    int wide = Math.min(COLUMNS, headDim - column);
                    for (int e = thread; e < KEYS * COLUMNS; e += PortableAttention.QUERIES) {
                        int key = tile + e / COLUMNS;
                        int d = e % COLUMNS;
                        float element = 0f;
                        if (key < keys && d < wide) {
                            int at = (keyRow + key) * stride + columns.get(2) + head;
                            element = v.get(at + column + d);
                        }
                        shared[e] = element;
                    }
                    context.localBarrier();
                    if (mine) {
                        for (int d = 0; d < wide; d++) {
                            float sum = out.get(to + column + d) * shrink;
                            for (int j = 0; j < KEYS; j++) {
                                sum += weights[j] * shared[j * COLUMNS + d];
                            }
                            out.set(to + column + d, sum);
                        }
                    }
                    context.localBarrier();
                }
            }
            if (mine && (options & PortableAttention.SOFTMAX) != 0 && total > 0f) {
                for (int d = 0; d < headDim; d++) {
                    out.set(to + d, out.get(to + d) / total);
                }
            }
        }
    }
}
