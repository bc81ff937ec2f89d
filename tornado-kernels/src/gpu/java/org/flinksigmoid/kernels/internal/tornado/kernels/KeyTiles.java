package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpTile;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * The loop over keys of {@link TileAttention}: TornadoVM inlines it there. A stage of shared memory
 * holds a tile of keys, then their values; slices of 16 keys go through scores, probabilities and
 * sums with the next slice's product already on its way. Warps meet once a tile, before a stage is
 * filled again: at a barrier, or ({@link TileAttention#SPLIT}) by saying so early and waiting late.
 */
final class KeyTiles {
    /** Exponent of a key that the mask hides. */
    private static final float OFF = 64f;

    private KeyTiles() {}

    /** Bytes of a stage's keys, or of its values. */
    static int stageHalf(int width) {
        return width > 64 ? 64 * width : 128 * width;
    }

    /** Copies keys and values {@code first ..} of a tile into a stage, zeros past the last key. */
    static void copy(
            KernelContext context,
            int[] shared,
            int offset,
            HalfFloatArray k,
            HalfFloatArray v,
            int keySource,
            int valueSource,
            int first,
            int endKey,
            int stride,
            int width) {
        int tile = width > 64 ? 32 : 64;
        int valueOffset = offset + stageHalf(width);
        int skip = first * stride;
        if (first + tile <= endKey) {
            WarpTile.copyRows(shared, offset, k, keySource + skip, stride, tile, width);
            WarpTile.copyRows(shared, valueOffset, v, valueSource + skip, stride, tile, width);
        } else if (first < endKey) {
            int left = endKey - first - WarpTile.row(context.localIdx, width);
            WarpTile.copyRowsOrZero(shared, offset, k, keySource + skip, stride, tile, width, left);
            WarpTile.copyRowsOrZero(
                    shared, valueOffset, v, valueSource + skip, stride, tile, width, left);
        }
    }

    /** {@link #copy}, as a group of copies of its own. */
    private static void refill(
            KernelContext context,
            int[] shared,
            int offset,
            HalfFloatArray k,
            HalfFloatArray v,
            int keySource,
            int valueSource,
            int first,
            int endKey,
            int stride,
            int width) {
        copy(context, shared, offset, k, v, keySource, valueSource, first, endKey, stride, width);
        context.asyncCopyCommit();
    }

    /**
     * Says that the next tile has come and the one before this is done with, as far as this warp
     * goes.
     */
    private static void arrive(KernelContext context, int phase) {
        context.asyncCopyWaitGroup(0);
        WarpTile.arrive(phase);
    }

    /** Whether any of a warp's queries may see any of 32 keys. */
    private static boolean visible(int key, int mine, int causal, int window) {
        return (causal == 0 || key <= mine + 31)
                && (window == Integer.MAX_VALUE
                        || (key + 31 >= mine - window && key - mine - 31 <= window));
    }

    /**
     * All tiles of keys, for one warp; the first two are on their way already.
     *
     * @return offset of a stage that nobody needs any more, nor the one before it
     */
    static int sum(
            KernelContext context,
            int[] shared,
            HalfFloatArray k,
            HalfFloatArray v,
            int keySource,
            int valueSource,
            int place,
            int firstKey,
            int endKey,
            int mine,
            HalfFloat[] query,
            float[] starts,
            float slope,
            float[] sums,
            float[] guard,
            int width,
            int stride,
            int options,
            int window,
            float factor,
            int clamp) {
        int bfloat = options & TileAttention.BFLOAT;
        int shift = bfloat == 0 ? TileAttention.HALF_SHIFT : 0;
        int causal = (options & TileAttention.CAUSAL) == 0 ? 0 : 1;
        boolean masked = causal == 1 || window != Integer.MAX_VALUE;
        boolean ahead = (options & TileAttention.AHEAD) != 0;
        int tile = width > 64 ? 32 : 64;
        int slice = 32 * width; // bytes of 16 keys
        int half = stageHalf(width);
        int stage = 2 * half;
        int keyLane = WarpTile.keyLane(width);
        int valueLane = WarpTile.valueLane(width);
        float[] s0 = WarpTile.scores();
        float[] s1 = WarpTile.scores();
        HalfFloat[] p0 = WarpTile.probabilities();
        HalfFloat[] p1 = WarpTile.probabilities();
        if (ahead) {
            context.asyncCopyWaitGroup(1);
            context.localBarrier();
            WarpTile.multiply(s0, query, shared, keyLane, 0, starts, width, bfloat);
        }
        boolean split = (options & TileAttention.SPLIT) != 0;
        int phase = 0;
        int now = 0;
        int stop = endKey;
        for (int t = firstKey; t < stop; t += tile) {
            int free = now > 0 ? now - stage : 2 * stage;
            int next = now < 2 * stage ? now + stage : 0;
            if (!split) {
                if (ahead) {
                    context.asyncCopyWaitGroup(0);
                } else {
                    context.asyncCopyWaitGroup(1);
                }
                if (clamp == 0) {
                    stop = WarpTile.anyOutOfRange(guard) != 0 ? t : endKey;
                } else {
                    context.localBarrier();
                }
                refill(
                        context,
                        shared,
                        free + place,
                        k,
                        v,
                        keySource,
                        valueSource,
                        t + 2 * tile,
                        endKey,
                        stride,
                        width);
            }
            int keyTile = now + keyLane;
            int valueTile = now + valueLane;
            boolean whole =
                    !masked
                            || ((causal == 0 || t + tile - 1 <= mine)
                                    && (window == Integer.MAX_VALUE
                                            || (mine + 31 - t <= window
                                                    && t + tile - 1 - mine <= window)));
            if (!ahead) {
                WarpTile.multiply(s0, query, shared, keyTile, 0, starts, width, bfloat);
            }
            if (whole && (options & TileAttention.ALIBI) == 0) {
                WarpTile.multiply(s1, query, shared, keyTile, slice, starts, width, bfloat);
                if (split && tile == 32) {
                    arrive(context, phase);
                }
                WarpTile.sigmoid(p0, s0, factor, shift, clamp, guard, bfloat);
                WarpTile.accumulate(sums, p0, shared, valueTile, half, width, bfloat);
                if (tile == 64) {
                    WarpTile.multiply(s0, query, shared, keyTile, 2 * slice, starts, width, bfloat);
                    WarpTile.sigmoid(p1, s1, factor, shift, clamp, guard, bfloat);
                    WarpTile.accumulate(sums, p1, shared, valueTile, half + slice, width, bfloat);
                    if (split) {
                        arrive(context, phase);
                    }
                    WarpTile.multiply(s1, query, shared, keyTile, 3 * slice, starts, width, bfloat);
                    WarpTile.sigmoid(p0, s0, factor, shift, clamp, guard, bfloat);
                    WarpTile.accumulate(
                            sums, p0, shared, valueTile, half + 2 * slice, width, bfloat);
                }
                if (split) {
                    WarpTile.await(phase);
                    refill(
                            context,
                            shared,
                            free + place,
                            k,
                            v,
                            keySource,
                            valueSource,
                            t + 2 * tile,
                            endKey,
                            stride,
                            width);
                }
                if (ahead) {
                    WarpTile.multiply(s0, query, shared, next + keyLane, 0, starts, width, bfloat);
                }
                WarpTile.sigmoid(p1, s1, factor, shift, clamp, guard, bfloat);
                WarpTile.accumulate(sums, p1, shared, valueTile, 2 * half - slice, width, bfloat);
            } else {
                if (split) {
                    arrive(context, phase);
                }
                boolean first = visible(t, mine, causal, window);
                boolean second = tile == 64 && visible(t + 32, mine, causal, window);
                for (int part = 0; part < tile / 32; part++) {
                    int key = t + 32 * part;
                    int at = 2 * part * slice;
                    if (part == 0 ? first : second) {
                        if (part > 0 && !first) {
                            WarpTile.multiply(
                                    s0, query, shared, keyTile + at, 0, starts, width, bfloat);
                        }
                        WarpTile.multiply(
                                s1, query, shared, keyTile + at, slice, starts, width, bfloat);
                        if ((options & TileAttention.ALIBI) != 0) {
                            WarpTile.alibi(s0, mine, key, slope);
                            WarpTile.alibi(s1, mine, key + 16, slope);
                        }
                        if (masked
                                && (tile == 32
                                        || !((causal == 0 || key + 31 <= mine)
                                                && (window == Integer.MAX_VALUE
                                                        || (mine + 31 - key <= window
                                                                && key + 31 - mine <= window))))) {
                            WarpTile.mask(s0, mine, key, causal, window, OFF / factor);
                            WarpTile.mask(s1, mine, key + 16, causal, window, OFF / factor);
                        }
                        WarpTile.sigmoid(p0, s0, factor, shift, 1, guard, bfloat);
                        WarpTile.accumulate(sums, p0, shared, valueTile + at, half, width, bfloat);
                        if (part == 0 && second) {
                            WarpTile.multiply(
                                    s0, query, shared, keyTile, 2 * slice, starts, width, bfloat);
                        }
                        WarpTile.sigmoid(p1, s1, factor, shift, 1, guard, bfloat);
                        WarpTile.accumulate(
                                sums, p1, shared, valueTile + at, half + slice, width, bfloat);
                    }
                }
                if (split) {
                    WarpTile.await(phase);
                    refill(
                            context,
                            shared,
                            free + place,
                            k,
                            v,
                            keySource,
                            valueSource,
                            t + 2 * tile,
                            endKey,
                            stride,
                            width);
                }
                if (ahead) {
                    WarpTile.multiply(s0, query, shared, next + keyLane, 0, starts, width, bfloat);
                }
            }
            phase = 4 - phase;
            now = next;
        }
        return now;
    }
}
