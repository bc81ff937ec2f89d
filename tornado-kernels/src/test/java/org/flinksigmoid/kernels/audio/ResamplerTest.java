package org.flinksigmoid.kernels.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResamplerTest {
    @ParameterizedTest
    @ValueSource(ints = {16_000, 44_100, 48_000, 11_025, 22_050})
    void tonesInThePassBandKeepLevelAndPhase(int rate) {
        for (double hertz = 50; hertz <= 3800; hertz += 250) {
            float[] resampled = resample(Sounds.sine(hertz, rate, rate / 4), rate, 8000);
            float[] expected = Sounds.sine(hertz, 8000, 2000);
            assertThat(resampled.length).isCloseTo(2000, within(1));
            // 0.01 dB of 0.5; away from the ends, where the tone starts and stops.
            for (int i = 100; i < 1900; i++) {
                assertThat(resampled[i]).isCloseTo(expected[i], within(0.0006f));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16_000, 44_100, 48_000, 22_050})
    void tonesThatWouldFoldBackAre75DecibelsDown(int rate) {
        for (double hertz = 4200; hertz < rate / 2.0; hertz += 391) {
            float[] resampled = resample(Sounds.sine(hertz, rate, rate / 4), rate, 8000);
            double power = 0;
            for (int i = 100; i < 1900; i++) {
                power += (double) resampled[i] * resampled[i];
            }
            double decibels = 10 * Math.log10(power / 1800 / 0.125);
            assertThat(decibels).as("%s Hz", hertz).isLessThan(-75);
        }
    }

    @Test
    void upsamplingKeepsTones() {
        float[] resampled = resample(Sounds.sine(1000, 8000, 2000), 8000, 16_000);
        float[] expected = Sounds.sine(1000, 16_000, 4000);
        assertThat(resampled).hasSize(4000);
        for (int i = 200; i < 3800; i++) {
            assertThat(resampled[i]).isCloseTo(expected[i], within(0.0006f));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16000, 1, 1",
        "16000, 3, 2",
        "44100, 1, 1",
        "44100, 441, 80",
        "44100, 442, 81",
        "4000, 5, 10"
    })
    void lengthIsTheRatioRoundedUp(int rate, int samples, int expected) {
        assertThat(resample(new float[samples], rate, 8000)).hasSize(expected);
    }

    @Test
    void aConstantPassesUnchanged() {
        float[] ones = new float[9000];
        Arrays.fill(ones, 1);
        float[] resampled = resample(ones, 44_100, 8000);
        for (int i = 60; i < resampled.length - 60; i++) {
            assertThat(resampled[i]).isCloseTo(1, within(1e-5f));
        }
    }

    @Property(tries = 100, seed = "20261124")
    void outputDependsOnNeitherPiecesNorRestarts(
            @ForAll long seed,
            @ForAll @IntRange(max = 5000) int count,
            @ForAll @IntRange(min = 1, max = 900) int largestPiece,
            @ForAll @IntRange(max = 3) int rateIndex) {
        int rate = new int[] {16_000, 44_100, 11_025, 6000}[rateIndex];
        float[] samples = Sounds.floats(Sounds.speechLike(seed, count));
        Random random = new Random(seed);
        Resampler tables = new Resampler(rate, 8000);
        Resampler stream = tables.fresh();
        FloatList out = new FloatList();
        for (int at = 0; at < count; ) {
            int piece = Math.min(count - at, random.nextInt(largestPiece + 1));
            stream.accept(samples, at, piece, out::add);
            at += piece;
            if (random.nextInt(3) == 0) {
                stream = tables.restore(stream.snapshot());
            }
        }
        stream.finish(out::add);
        assertThat(out.toArray()).isEqualTo(resample(samples, rate, 8000));
    }

    @Test
    void ratesThatCannotBeConvertedAreRefused() {
        assertThat(Resampler.supports(0, 8000)).isFalse();
        assertThat(Resampler.supports(-8000, 8000)).isFalse();
        assertThat(Resampler.supports(999, 8000)).isFalse();
        assertThat(Resampler.supports(Integer.MAX_VALUE, 8000)).isFalse();
        assertThat(Resampler.supports(44_101, 8000)).isFalse();
        assertThat(Resampler.supports(44_100, 8000)).isTrue();
        assertThatThrownBy(() -> new Resampler(44_101, 8000))
                .hasMessage(
                        "sample rate: expected 1000 to 384000 Hz in a simple ratio to 8000 Hz,"
                                + " found 44101 Hz");
    }

    @Test
    void manyStreamsOfOddRatesFitIntoASmallHeap() throws Exception {
        Process jvm =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OddRatesProbe.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said.strip()).endsWith("done");
    }

    @Test
    void stateOfOtherRatesIsRefused() {
        byte[] state = new Resampler(16_000, 8000).snapshot();
        assertThatThrownBy(() -> new Resampler(48_000, 8000).restore(state))
                .hasMessage("resampler state: expected 48000 to 8000 Hz, found 16000 to 8000 Hz");
    }

    private static float[] resample(float[] samples, int from, int to) {
        Resampler resampler = new Resampler(from, to);
        FloatList out = new FloatList();
        resampler.accept(samples, 0, samples.length, out::add);
        resampler.finish(out::add);
        return out.toArray();
    }
}
