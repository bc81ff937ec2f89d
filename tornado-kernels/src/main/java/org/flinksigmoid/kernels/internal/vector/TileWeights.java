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

    /** Elements of 32 bits in a cache line. */
    private static final int LINE = 16;

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
     * Brings {@code count} runs from memory into L2, by a load of each cache line: as many lines at
     * once as the processor can wait for, where a product's own loads wait for a few at a time.
     *
     * @return a number made of them all, to be kept, or C2 would leave the loads out
     */
    abstract float fetch(int run, int count);

    /** Whether a run lies as its product reads it, so that one product can read another's ahead. */
    abstract boolean isPlain();

    /**
     * Has a run ready.
     *
     * @param scratch of this thread
     * @param free where at least {@code stride} floats of scratch begin
     */
    abstract void open(int run, float[] scratch, int free);

    /** Where an open run starts in {@link #floats}. */
    abstract int start(int run, int free);

    private static float touch(int[] packed, int from, int count) {
        int quarter = count / 4;
        int bits = 0;
        for (int i = from, end = i + quarter; i < end; i += LINE) {
            bits ^= packed[i] ^ packed[i + quarter];
            bits ^= packed[i + 2 * quarter] ^ packed[i + 3 * quarter];
        }
        return bits;
    }

    /** {@link WeightFormat#FLOAT}. */
    private static final class Floats extends TileWeights {
        private final float[] runs;

        Floats(float[] runs, int stride) {
            super(stride);
            this.runs = runs;
        }

        @Override
        boolean isPlain() {
            return true;
        }

        @Override
        float[] floats(float[] scratch) {
            return runs;
        }

        @Override
        float fetch(int run, int count) {
            int quarter = count * stride() / 4;
            float sum = 0;
            for (int i = run * stride(), end = i + quarter; i < end; i += LINE) {
                sum += runs[i] + runs[i + quarter] + runs[i + 2 * quarter] + runs[i + 3 * quarter];
            }
            return sum;
        }

        @Override
        void open(int run, float[] scratch, int free) {
            // As they lie.
        }

        @Override
        int start(int run, int free) {
            return run * stride();
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
        boolean isPlain() {
            return false;
        }

        @Override
        float[] floats(float[] scratch) {
            return scratch;
        }

        @Override
        float fetch(int run, int count) {
            return touch(pairs, run * (stride() / 2), count * (stride() / 2));
        }

        @Override
        void open(int run, float[] scratch, int free) {
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
        boolean isPlain() {
            return false;
        }

        @Override
        float[] floats(float[] scratch) {
            return scratch;
        }

        @Override
        float fetch(int run, int count) {
            return touch(fours, run * (stride() / 4), count * (stride() / 4));
        }

        @Override
        void open(int run, float[] scratch, int free) {
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
