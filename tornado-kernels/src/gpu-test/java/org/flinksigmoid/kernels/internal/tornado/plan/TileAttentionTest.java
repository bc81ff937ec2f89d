package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tile kernel against a double oracle, on a device. */
@Tag("gpu")
class TileAttentionTest {
    private static final double HALF_ERROR = 1e-3;
    private static final double BFLOAT_ERROR = 8e-3;
    private static final RaggedBatch RAGGED =
            RaggedBatch.ofLengths(1, 59, 97, 111, 1025, 0, 128, 129, 64, 63, 65, 3);

    private static SigmoidAttention spec(int heads, int width, Bias bias, Mask mask) {
        float scale = (float) (1 / Math.sqrt(width));
        return new SigmoidAttention(heads, width, scale, bias, mask, false);
    }

    private static void assertAccurate(AttentionRun run, boolean bfloat, int rows)
            throws Exception {
        AttentionRun.Errors errors = run.check(rows);
        assertThat(errors.finite()).isTrue();
        assertThat(errors.unwritten()).isZero();
        assertThat(errors.relative()).isLessThan(bfloat ? BFLOAT_ERROR : HALF_ERROR);
    }

    @ParameterizedTest
    @CsvSource({
        "32,false",
        "64,false",
        "96,false",
        "128,false",
        "32,true",
        "64,true",
        "96,true",
        "128,true"
    })
    void everyWidthIsAccurateOnRaggedBatches(int width, boolean bfloat) throws Exception {
        var spec = spec(3, width, new Bias.NegativeLogN(), Mask.NONE);
        assertAccurate(AttentionRun.of(spec, bfloat, RAGGED, AttentionRun.Data.NORMAL), bfloat, 12);
    }

    @ParameterizedTest
    @CsvSource({
        "64,true,2147483647",
        "64,false,40",
        "64,true,40",
        "32,true,300",
        "96,false,256",
        "128,true,2147483647",
        "128,false,7"
    })
    void masksHideWhatTheyShould(int width, boolean causal, int window) throws Exception {
        var spec = spec(2, width, new Bias.NegativeLogN(), new Mask(causal, window));
        assertAccurate(AttentionRun.of(spec, false, RAGGED, AttentionRun.Data.NORMAL), false, 12);
        assertAccurate(AttentionRun.of(spec, true, RAGGED, AttentionRun.Data.NORMAL), true, 12);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void alibiPenalisesDistance(boolean bfloat) throws Exception {
        for (Mask mask : new Mask[] {Mask.NONE, new Mask(true, 200)}) {
            var spec = new SigmoidAttention(6, 64, 0.125f, new Bias.Fixed(-2), mask, true);
            assertAccurate(
                    AttentionRun.of(spec, bfloat, RAGGED, AttentionRun.Data.NORMAL), bfloat, 12);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64, 96, 128})
    void keysMayBeMoreOrFewerThanQueries(int width) throws Exception {
        var queries = RaggedBatch.ofLengths(1, 59, 97, 300, 0, 7);
        var keys = RaggedBatch.ofLengths(64, 1025, 1, 128, 5, 0);
        var spec = spec(2, width, new Bias.NegativeLogN(), Mask.NONE);
        for (int typical : new int[] {128, 4096}) {
            var run =
                    new AttentionRun(
                            spec,
                            false,
                            queries,
                            keys,
                            AttentionRun.Data.NORMAL,
                            AttentionRun.variant(spec, false, typical));
            assertAccurate(run, false, 12);
        }
    }

    @ParameterizedTest
    @EnumSource(AttentionRun.Data.class)
    void everyInputIsAccurateAtEveryLength(AttentionRun.Data data) throws Exception {
        for (int n : new int[] {128, 1024, 16384}) {
            for (Bias bias :
                    new Bias[] {new Bias.NegativeLogN(), new Bias.Fixed(0), new Bias.Fixed(-10)}) {
                var spec = spec(2, 64, bias, Mask.NONE);
                for (boolean bfloat : new boolean[] {false, true}) {
                    var run = AttentionRun.of(spec, bfloat, RaggedBatch.ofLengths(n), data);
                    assertAccurate(run, bfloat, 12);
                }
            }
        }
    }
}
