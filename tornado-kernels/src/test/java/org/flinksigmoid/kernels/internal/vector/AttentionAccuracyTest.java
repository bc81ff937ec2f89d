package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.oracle.Accuracy;
import org.flinksigmoid.kernels.internal.oracle.DoubleOracle;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionAccuracyTest {
    /** What the polynomials and the reordered sums may add, relative to the largest output. */
    private static final double FLOOR = 1e-6;

    private static final long SEED = 20260101;
    private static final RaggedBatch LENGTHS = RaggedBatch.ofLengths(1, 59, 0, 97, 111);

    static List<AttentionSpec> specs() {
        List<AttentionSpec> specs = new ArrayList<>();
        List<Mask> masks =
                List.of(
                        Mask.NONE,
                        new Mask(true, Mask.UNLIMITED),
                        new Mask(false, 7),
                        new Mask(true, 40),
                        new Mask(false, 0));
        for (int headDim : new int[] {32, 36, 64, 96, 128}) {
            float scale = (float) (1 / Math.sqrt(headDim));
            for (Mask mask : masks) {
                boolean alibi = headDim == 36 || headDim == 64;
                Bias bias = headDim == 96 ? new Bias.Fixed(-10) : new Bias.NegativeLogN();
                specs.add(new SigmoidAttention(3, headDim, scale, bias, mask, alibi));
                specs.add(new SoftmaxAttention(3, headDim, scale, mask, alibi));
            }
        }
        return specs;
    }

    @ParameterizedTest
    @MethodSource("specs")
    void errorIsWithinTwiceTheScalarOne(AttentionSpec spec) {
        requireAccurate(spec, LENGTHS, LENGTHS, 1);
    }

    @ParameterizedTest
    @MethodSource("specs")
    void largeLogitsStayAccurate(AttentionSpec spec) {
        // q . k / sqrt d has a deviation of 20: |logits| reach 60 and more.
        requireAccurate(spec, LENGTHS, LENGTHS, 4.5);
    }

    @ParameterizedTest
    @MethodSource("longSpecs")
    void longSequencesStayAccurate(AttentionSpec spec) {
        RaggedBatch batch = RaggedBatch.ofLengths(1025, 33);
        requireAccurate(spec, batch, batch, 1);
    }

    static List<AttentionSpec> longSpecs() {
        Bias logN = new Bias.NegativeLogN();
        return List.of(
                new SigmoidAttention(1, 64, 0.125f, logN, Mask.NONE, false),
                new SigmoidAttention(1, 64, 0.125f, logN, new Mask(true, 300), true),
                new SoftmaxAttention(1, 64, 0.125f, Mask.NONE, false),
                new SoftmaxAttention(1, 64, 0.125f, new Mask(false, 200), true));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void queriesAndKeysMayDifferInNumber(AttentionSpec spec) {
        // Queries past keys + window see nothing: fully masked rows, which are zero.
        requireAccurate(spec, RaggedBatch.ofLengths(70, 5, 3), RaggedBatch.ofLengths(9, 130, 0), 1);
    }

    @ParameterizedTest
    @MethodSource("specs")
    void fullyMaskedQueriesGiveZeros(AttentionSpec spec) {
        RaggedBatch queries = RaggedBatch.ofLengths(40, 40);
        RaggedBatch keys = RaggedBatch.ofLengths(0, 3);
        RandomArrays random = new RandomArrays(SEED);
        float[] q = random.normal(80 * spec.width(), 1);
        float[] kv = random.normal(3 * spec.width(), 1);
        float[] out = random.normal(80 * spec.width(), 1);
        try (Backend vector = new VectorBackend(2, WeightFormat.FLOAT);
                var kernel = vector.attention(spec)) {
            kernel.run(queries, keys, q, kv, kv, out);
        }
        for (int row = 0; row < 80; row++) {
            boolean sees =
                    row >= 40 && spec.mask().firstKey(row - 40) < spec.mask().endKey(row - 40, 3);
            for (int c = 0; !sees && c < spec.width(); c++) {
                assertThat(out[row * spec.width() + c]).isZero();
            }
        }
    }

    private static void requireAccurate(
            AttentionSpec spec, RaggedBatch queries, RaggedBatch keys, double deviation) {
        RandomArrays random = new RandomArrays(SEED);
        float[] q = random.normal(queries.rows() * spec.width(), deviation);
        float[] k = random.normal(keys.rows() * spec.width(), deviation);
        float[] v = random.normal(keys.rows() * spec.width(), 1);
        double[] expected =
                DoubleOracle.attention(
                        spec,
                        queries,
                        keys,
                        RandomArrays.widen(q),
                        RandomArrays.widen(k),
                        RandomArrays.widen(v));
        float[] scalar = run("scalar", spec, queries, keys, q, k, v);
        float[] vector = run("vector", spec, queries, keys, q, k, v);
        Accuracy.requireWithinTwiceScalar(spec + " seed " + SEED, expected, scalar, vector, FLOOR);
    }

    private static float[] run(
            String name,
            AttentionSpec spec,
            RaggedBatch queries,
            RaggedBatch keys,
            float[] q,
            float[] k,
            float[] v) {
        float[] out = new float[q.length];
        try (Backend backend = Backends.select(name).open(new BackendOptions(2, 0));
                var kernel = backend.attention(spec)) {
            kernel.run(queries, keys, q, k, v, out);
        }
        return out;
    }
}
