package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both tile kernels against a double oracle, on a device. */
@Tag("gpu")
class TileAttentionTest {
    /** Rows of a sequence that are compared. */
    private static final int ROWS = 12;

    private static final double HALF_ERROR = 1e-3;
    private static final double BFLOAT_ERROR = 8e-3;
    private static final RaggedBatch RAGGED =
            RaggedBatch.ofLengths(1, 59, 97, 111, 1025, 0, 128, 129, 64, 63, 65, 3);

    private static SigmoidAttention spec(int heads, int width, Bias bias, Mask mask) {
        float scale = (float) (1 / Math.sqrt(width));
        return new SigmoidAttention(heads, width, scale, bias, mask, false);
    }

    private static void assertAccurate(
            SigmoidAttention spec, boolean bfloat, RaggedBatch lengths, AttentionRun.Data data) {
        assertAccurate(spec, bfloat, lengths, lengths, data, lengths.maxLength());
    }

    private static void assertAccurate(
            SigmoidAttention spec,
            boolean bfloat,
            RaggedBatch queries,
            RaggedBatch keys,
            AttentionRun.Data data,
            int typicalKeys) {
        var variant = AttentionRun.variant(spec, bfloat, typicalKeys);
        boolean warpgroups = TornadoEngineFactory.device(0).warpgroups();
        for (var each : new LinkedHashSet<>(List.of(variant, variant.onWarps()))) {
            var errors = new AttentionRun(spec, bfloat, queries, keys, data, each).check(ROWS);
            assertThat(errors.finite()).as("%s", each).isTrue();
            assertThat(errors.unwritten()).as("%s", each).isZero();
            assertThat(errors.relative())
                    .as("%s", each)
                    .isLessThan(bfloat ? BFLOAT_ERROR : HALF_ERROR);
        }
        assertThat(TornadoEngineFactory.device(0).warpgroups())
                .as("nothing was refused")
                .isEqualTo(warpgroups);
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
    void everyWidthIsAccurateOnRaggedBatches(int width, boolean bfloat) {
        var spec = spec(3, width, new Bias.NegativeLogN(), Mask.NONE);
        for (int typical : new int[] {128, 300, 1024, 4096}) {
            assertAccurate(spec, bfloat, RAGGED, RAGGED, AttentionRun.Data.NORMAL, typical);
        }
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
    void masksHideWhatTheyShould(int width, boolean causal, int window) {
        var spec = spec(2, width, new Bias.NegativeLogN(), new Mask(causal, window));
        assertAccurate(spec, false, RAGGED, AttentionRun.Data.NORMAL);
        assertAccurate(spec, true, RAGGED, AttentionRun.Data.NORMAL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyMoreItemsThanBlocksAreAllDone(boolean causal) {
        int[] lengths = new int[150];
        Arrays.setAll(lengths, i -> i % 10 == 0 ? 700 + i : i * 31 % 290);
        var mask = new Mask(causal, Mask.UNLIMITED);
        // about 40 items a block: the ring of announced items, 16, comes round twice
        var spec = spec(16, 64, new Bias.NegativeLogN(), mask);
        assertAccurate(spec, false, RaggedBatch.ofLengths(lengths), AttentionRun.Data.NORMAL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void alibiPenalisesDistance(boolean bfloat) {
        for (Mask mask : new Mask[] {Mask.NONE, new Mask(true, 200)}) {
            var spec = new SigmoidAttention(6, 64, 0.125f, new Bias.Fixed(-2), mask, true);
            assertAccurate(spec, bfloat, RAGGED, AttentionRun.Data.NORMAL);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64, 96, 128})
    void keysMayBeMoreOrFewerThanQueries(int width) {
        var queries = RaggedBatch.ofLengths(1, 59, 97, 300, 0, 7);
        var keys = RaggedBatch.ofLengths(64, 1025, 1, 128, 5, 0);
        var spec = spec(2, width, new Bias.NegativeLogN(), Mask.NONE);
        for (int typical : new int[] {128, 300, 1024, 4096}) {
            assertAccurate(spec, false, queries, keys, AttentionRun.Data.NORMAL, typical);
        }
    }

    @ParameterizedTest
    @EnumSource(AttentionRun.Data.class)
    void everyInputIsAccurateAtEveryLength(AttentionRun.Data data) {
        for (int n : new int[] {128, 1024, 16384}) {
            for (Bias bias :
                    new Bias[] {new Bias.NegativeLogN(), new Bias.Fixed(0), new Bias.Fixed(-10)}) {
                var spec = spec(2, 64, bias, Mask.NONE);
                for (boolean bfloat : new boolean[] {false, true}) {
                    assertAccurate(spec, bfloat, RaggedBatch.ofLengths(n), data);
                }
            }
        }
    }
}
