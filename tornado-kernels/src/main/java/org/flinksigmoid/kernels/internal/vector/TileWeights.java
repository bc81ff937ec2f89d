package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.tensor.Bfloat16;

/**
 * Packed weights: runs of equal length, one for each tile of a block of inputs, in the order of
 * their use. Immutable.
 *
 * <p>Narrow formats lie in ints, each lane holding elements that are a vector apart: a shift or two
 * make whole vectors of floats of one load, at any width. A run is widened into a thread's scratch
 * (12 KB, L1) just before its product, which is then the same for every format.
 */
abstract sealed class TileWeights {
    private static final int LENGTH = Lanes.LENGTH;

    /** Floats of a run. */
    private final int stride;

    private TileWeights(int stride) {
        this.stride = stride;
    }

    /**
     * Packs runs.
     *
     * @param runs {@code stride} floats each; with {@code INT8} whole numbers from -127 to 127
     * @param stride a multiple of {@link #unit}
     */
    static TileWeights of(WeightFormat format, float[] runs, int stride) {
        return switch (format) {
            case FLOAT -> new Floats(runs, stride);
            case BF16 -> new Halves(runs, stride);
            case INT8 -> new Bytes(runs, stride);
        };
    }

    /** What a run's length is a multiple of. */
    static int unit(WeightFormat format) {
        return switch (format) {
            case FLOAT -> 1;
            case BF16 -> 2 * LENGTH;
            case INT8 -> 4 * LENGTH;
        };
    }

    /** Floats of a run. */
    final int stride() {
        return stride;
    }

    /** The array that a run is in once it is {@link #open}. */
    abstract float[] floats(float[] scratch);

    /**
     * Has a run ready.
     *
     * @param cold whether weights are likely in memory, not in a cache
     * @param scratch of this thread
     * @param free where at least {@code stride} floats of scratch begin
     */
    abstract void open(int run, boolean cold, float[] scratch, int free);

    /** Where an open run starts in {@link #floats}. */
    abstract int start(int run, int free);

    /** {@link WeightFormat#FLOAT}. */
    private static final class Floats extends TileWeights {
        /** Floats of a cache line. */
        private static final int LINE = 16;

        private final float[] runs;

        Floats(float[] runs, int stride) {
            super(stride);
            this.runs = runs;
        }

        @Override
        float[] floats(float[] scratch) {
            return runs;
        }

        @Override
        void open(int run, boolean cold, float[] scratch, int free) {
            if (cold) {
                int next = (run + 1) * stride();
                scratch[free] = touch(runs, next, Math.min(next + stride(), runs.length));
            }
        }

        @Override
        int start(int run, int free) {
            return run * stride();
        }

        /**
         * Reads a number of every cache line of the next run, as many lines at once as the
         * processor can wait for: 39 GB/s from memory where a tile's own loads draw 16 at most.
         */
        private static float touch(float[] w, int from, int end) {
            float a = 0;
            float b = 0;
            float c = 0;
            float d = 0;
            for (int i = from; i + 3 * LINE < end; i += 4 * LINE) {
                a += w[i];
                b += w[i + LINE];
                c += w[i + 2 * LINE];
                d += w[i + 3 * LINE];
            }
            return a + b + c + d;
        }
    }

    /** {@link WeightFormat#BF16}: element i in a lane's lower half, i + LENGTH in its upper. */
    private static final class Halves extends TileWeights {
        private static final int UPPER = 0xFFFF0000;

        private final int[] pairs;

        Halves(float[] runs, int stride) {
            super(stride);
            pairs = new int[runs.length / 2];
            for (int i = 0; i < pairs.length; i++) {
                int at = i + i / LENGTH * LENGTH;
                int low = Short.toUnsignedInt(Bfloat16.of(runs[at]));
                pairs[i] = low | Bfloat16.of(runs[at + LENGTH]) << 16;
            }
        }

        @Override
        float[] floats(float[] scratch) {
            return scratch;
        }

        @Override
        void open(int run, boolean cold, float[] scratch, int free) {
            widen(pairs, run * (stride() / 2), stride() / 2, scratch, free);
        }

        @Override
        int start(int run, int free) {
            return free;
        }

        private static void widen(int[] pairs, int from, int count, float[] to, int start) {
            for (int i = 0; i < count; i += LENGTH) {
                IntVector pair = IntVector.fromArray(Lanes.INTS, pairs, from + i);
                int at = start + 2 * i;
                pair.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(to, at);
                pair.and(UPPER).reinterpretAsFloats().intoArray(to, at + LENGTH);
            }
        }
    }

    /** {@link WeightFormat#INT8}: element i + k LENGTH in byte k of a lane, lowest first. */
    private static final class Bytes extends TileWeights {
        private final int[] fours;

        Bytes(float[] runs, int stride) {
            super(stride);
            fours = new int[runs.length / 4];
            for (int i = 0; i < fours.length; i++) {
                int at = i + i / LENGTH * 3 * LENGTH;
                for (int k = 0; k < 4; k++) {
                    fours[i] |= ((int) runs[at + k * LENGTH] & 0xFF) << 8 * k;
                }
            }
        }

        @Override
        float[] floats(float[] scratch) {
            return scratch;
        }

        @Override
        void open(int run, boolean cold, float[] scratch, int free) {
            widen(fours, run * (stride() / 4), stride() / 4, scratch, free);
        }

        @Override
        int start(int run, int free) {
            return free;
        }

        private static void widen(int[] fours, int from, int count, float[] to, int start) {
            for (int i = 0; i < count; i += LENGTH) {
                IntVector four = IntVector.fromArray(Lanes.INTS, fours, from + i);
                for (int k = 0; k < 4; k++) {
                    FloatVector whole =
                            (FloatVector)
                                    four.lanewise(VectorOperators.LSHL, 24 - 8 * k)
                                            .lanewise(VectorOperators.ASHR, 24)
                                            .convert(VectorOperators.I2F, 0);
                    whole.intoArray(to, start + 4 * i + k * LENGTH);
                }
            }
        }
    }
}
