package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** What must hold whatever the batch. A failing run prints its seed. */
class BatchPropertiesTest {
    private static final int HEADS = 2;
    private static final int HEAD_DIM = 36;
    private static final int WIDTH = HEADS * HEAD_DIM;

    @Property(tries = 25, seed = "20260102")
    void aRecordsResultIsTheSameToTheBitInAnyBatch(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 160) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 3) int threads,
            @ForAll WeightFormat format,
            @ForAll long seed) {
        RaggedBatch batch = RaggedBatch.ofLengths(ints(lengths));
        Program program = TestPrograms.encoder(Activation.GELU);
        int width = program.slot(0).width();
        float[] rows = new RandomArrays(seed).normal(batch.rows() * width, 1);
        try (Backend many = new VectorBackend(threads, format);
                Backend one = new VectorBackend(1, format);
                Executable together = many.prepare(program);
                Executable alone = one.prepare(program)) {
            float[][] all = together.run(batch, new Input.Features(rows));
            assertThat(together.run(batch, new Input.Features(rows))).isDeepEqualTo(all);
            int[] taken = new int[all.length];
            for (int s = 0; s < batch.size(); s++) {
                float[] own =
                        Arrays.copyOfRange(
                                rows, batch.offset(s) * width, batch.offset(s + 1) * width);
                float[][] result =
                        alone.run(RaggedBatch.ofLengths(batch.length(s)), new Input.Features(own));
                for (int i = 0; i < all.length; i++) {
                    int end = taken[i] + result[i].length;
                    assertThat(result[i]).isEqualTo(Arrays.copyOfRange(all[i], taken[i], end));
                    taken[i] = end;
                }
            }
        }
    }

    @Property(tries = 10, seed = "20260103")
    void aPoisonedRecordLeavesItsNeighboursAlone(
            @ForAll @IntRange(min = 0, max = 3) int poisoned, @ForAll long seed) {
        RaggedBatch batch = RaggedBatch.ofLengths(7, 40, 13, 5);
        Program program = TestPrograms.encoder(Activation.RELU);
        int width = program.slot(0).width();
        float[] rows = new RandomArrays(seed).normal(batch.rows() * width, 1);
        try (Backend backend = new VectorBackend(1, WeightFormat.FLOAT);
                Executable executable = backend.prepare(program)) {
            float[] clean = executable.run(batch, new Input.Features(rows))[1];
            Arrays.fill(
                    rows,
                    batch.offset(poisoned) * width,
                    batch.offset(poisoned + 1) * width,
                    Float.NaN);
            float[] pooled = executable.run(batch, new Input.Features(rows))[1];
            int outputs = pooled.length / batch.size();
            for (int i = 0; i < pooled.length; i++) {
                if (i / outputs == poisoned) {
                    assertThat(pooled[i]).isNaN();
                } else {
                    assertThat(pooled[i]).isEqualTo(clean[i]);
                }
            }
        }
    }

    @Property(tries = 25, seed = "20260104")
    void theOrderOfKeysDoesNotMatter(
            @ForAll @IntRange(min = 1, max = 150) int queries,
            @ForAll @IntRange(min = 1, max = 300) int keys,
            @ForAll boolean softmax,
            @ForAll long seed) {
        AttentionSpec spec =
                softmax
                        ? new SoftmaxAttention(HEADS, HEAD_DIM, 0.2f, Mask.NONE, false)
                        : new SigmoidAttention(
                                HEADS, HEAD_DIM, 0.2f, new Bias.NegativeLogN(), Mask.NONE, false);
        RandomArrays random = new RandomArrays(seed);
        float[] q = random.normal(queries * WIDTH, 1);
        float[] k = random.normal(keys * WIDTH, 1);
        float[] v = random.normal(keys * WIDTH, 1);
        int[] order = new Random(seed).ints(0, keys).distinct().limit(keys).toArray();
        float[] before = attend(spec, queries, keys, q, k, v);
        float[] after = attend(spec, queries, keys, q, shuffled(k, order), shuffled(v, order));
        requireClose(before, after);
    }

    @Property(tries = 25, seed = "20260105")
    void twoHalvesOfTheKeysAddUp(
            @ForAll @IntRange(min = 1, max = 100) int queries,
            @ForAll @IntRange(min = 0, max = 200) int first,
            @ForAll @IntRange(min = 0, max = 200) int second,
            @ForAll long seed) {
        AttentionSpec spec =
                new SigmoidAttention(HEADS, HEAD_DIM, 0.2f, new Bias.Fixed(-4), Mask.NONE, false);
        int keys = first + second;
        RandomArrays random = new RandomArrays(seed);
        float[] q = random.normal(queries * WIDTH, 1);
        float[] k = random.normal(keys * WIDTH, 1);
        float[] v = random.normal(keys * WIDTH, 1);
        float[] whole = attend(spec, queries, keys, q, k, v);
        int cut = first * WIDTH;
        float[] sum = attend(spec, queries, first, q, Arrays.copyOf(k, cut), Arrays.copyOf(v, cut));
        float[] rest =
                attend(
                        spec,
                        queries,
                        second,
                        q,
                        Arrays.copyOfRange(k, cut, k.length),
                        Arrays.copyOfRange(v, cut, v.length));
        for (int i = 0; i < sum.length; i++) {
            sum[i] += rest[i];
        }
        requireClose(whole, sum);
    }

    private static float[] attend(
            AttentionSpec spec, int queries, int keys, float[] q, float[] k, float[] v) {
        float[] out = new float[queries * spec.width()];
        try (Backend backend = new VectorBackend(1, WeightFormat.FLOAT);
                var kernel = backend.attention(spec)) {
            kernel.run(RaggedBatch.ofLengths(queries), RaggedBatch.ofLengths(keys), q, k, v, out);
        }
        return out;
    }

    private static void requireClose(float[] expected, float[] found) {
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(expected[i] - found[i])).isLessThanOrEqualTo(1e-5f * largest);
        }
    }

    private static float[] shuffled(float[] rows, int[] order) {
        float[] result = new float[rows.length];
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(rows, order[i] * WIDTH, result, i * WIDTH, WIDTH);
        }
        return result;
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
