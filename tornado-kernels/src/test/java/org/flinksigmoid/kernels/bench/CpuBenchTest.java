package org.flinksigmoid.kernels.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The form of the comparisons; how fast anything is, no test asks. */
class CpuBenchTest {
    @Test
    void everyRowOfTheIssueIsThere() {
        List<String> works = CpuBench.all(2).stream().map(BenchCase::work).toList();
        assertThat(works)
                .contains(
                        "MiniLM 1 x 128 tokens, 2 threads",
                        "MiniLM mixed lengths, 2 threads",
                        "sigmoid encoder 12 x 512, n = 2048, 2 threads",
                        "attention d = 128, n = 8192, 1 thread",
                        "product 2048x384x1536, 1 thread");
    }

    @Test
    void aProductIsMeasuredBesideThePeak() {
        Comparison row = measure("product 32x384x384, 1 thread");
        assertThat(row.against()).isEqualTo("multiply-add peak");
        assertThat(row.share()).isEqualTo(row.ratio()).isBetween(0.001, 1.5);
        assertThat(row.ratio()).isBetween(row.low(), row.high());
        assertThat(row.gflops() * row.milliseconds() * 1e6)
                .isCloseTo(2.0 * 32 * 384 * 384, within(1.0));
    }

    @Test
    void intervalsOfAMedianKeepOutAsManyRoundsAsTheBinomialAllows() {
        assertThat(IntStream.of(1, 5, 6, 9, 12, 15, 20).map(Duel::outside))
                .containsExactly(0, 0, 0, 1, 2, 3, 5);
    }

    @Test
    void theSlowerSideLosesAndAllocationsAreCounted() {
        byte[][] kept = new byte[1][];
        Duel duel =
                Duel.run(
                        () -> kept[0] = new byte[100_000],
                        () -> pause(3),
                        () -> pause(1),
                        5,
                        0.002,
                        0);
        assertThat(duel.low()).isGreaterThan(1);
        assertThat(duel.ratio()).isBetween(duel.low(), duel.high());
        assertThat(duel.theirLimit()).isBetween(0.05, 0.95);
        assertThat(duel.bytes()).isBetween(100_000.0, 300_000.0);
    }

    @Test
    void nothingThatDiffersIsTimed() {
        Agreement.require(new float[] {1, 1000.05f}, new float[] {1.09f, 1000});
        assertThatThrownBy(() -> Agreement.require(new float[] {1, 2}, new float[] {1, 2.001f}))
                .hasMessageContaining("element 1: 2.0 here, 2.001 there");
        assertThatThrownBy(() -> Agreement.require(new float[] {Float.NaN}, new float[] {1}))
                .isInstanceOf(IllegalStateException.class);
    }

    private static Comparison measure(String work) {
        return CpuBench.all(1).stream()
                .filter(each -> each.work().equals(work))
                .findFirst()
                .orElseThrow()
                .measure()
                .get();
    }

    private static void pause(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
