package org.flinksigmoid.kernels.internal.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The portable attention kernels against the plain loops. */
@Tag("gpu")
class AttentionGpuTest {
    private static final RaggedBatch QUERIES = RaggedBatch.ofLengths(1, 59, 97, 300, 0, 7);
    private static final RaggedBatch KEYS = RaggedBatch.ofLengths(64, 513, 1, 128, 5, 0);
    private static final RaggedBatch SAME = RaggedBatch.ofLengths(1, 59, 97, 111, 513, 0);

    static Stream<AttentionSpec> specs() {
        List<AttentionSpec> specs = new ArrayList<>();
        List<Mask> masks =
                List.of(
                        Mask.NONE,
                        new Mask(true, Mask.UNLIMITED),
                        new Mask(false, 40),
                        new Mask(true, 0));
        for (Mask mask : masks) {
            for (boolean alibi : new boolean[] {false, true}) {
                specs.add(new SigmoidAttention(3, 36, .16f, new Bias.NegativeLogN(), mask, alibi));
                specs.add(new SigmoidAttention(2, 64, .125f, new Bias.Fixed(-10), mask, alibi));
                specs.add(new SoftmaxAttention(3, 128, .09f, mask, alibi));
                specs.add(new SigmoidAttention(2, 160, .08f, new Bias.NegativeLogN(), mask, alibi));
                specs.add(new SoftmaxAttention(1, 300, .02f, mask, alibi));
            }
        }
        return specs.stream();
    }

    @ParameterizedTest
    @MethodSource("specs")
    void equalsThePlainLoops(AttentionSpec spec) {
        BackendOptions options = new BackendOptions(1, 0);
        try (Backend device = new TornadoProvider().open(options);
                Backend plain = Backends.select("scalar").open(options);
                AttentionKernel actual = device.attention(spec);
                AttentionKernel expected = plain.attention(spec)) {
            compare(spec, actual, expected, SAME, SAME, 1);
            compare(spec, actual, expected, QUERIES, KEYS, 1);
            compare(spec, actual, expected, SAME, SAME, 30);
        }
    }

    private static void compare(
            AttentionSpec spec,
            AttentionKernel actual,
            AttentionKernel expected,
            RaggedBatch queries,
            RaggedBatch keys,
            float deviation) {
        Random random = new Random(11);
        float[] q = Inputs.gaussians(random, queries.rows() * spec.width(), deviation);
        float[] k = Inputs.gaussians(random, keys.rows() * spec.width(), 1);
        float[] v = Inputs.gaussians(random, keys.rows() * spec.width(), 1);
        float[] got = new float[q.length];
        float[] wanted = new float[q.length];
        actual.run(queries, keys, q, k, v, got);
        expected.run(queries, keys, q, k, v, wanted);
        Closeness.assertClose(spec + ", deviation " + deviation, got, wanted, 2e-5);
    }
}
