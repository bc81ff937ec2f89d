package org.flinksigmoid.kernels.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.flinksigmoid.kernels.golden.GoldenTensors;
import org.junit.jupiter.api.Test;

class LogMelTest {
    private final LogMel logMel = new LogMel(MelConfig.DIGITS);

    @Test
    void equalsTheTrainingRecipe() {
        GoldenTensors golden = GoldenTensors.load("audio");
        float[] mels = logMel.compute(Sounds.floats(golden.samples("samples")));
        assertThat(mels).containsExactly(golden.floats("log_mels"), within(1e-4f));
    }

    @Test
    void signalShorterThanAFrameIsPaddedToOne() {
        GoldenTensors golden = GoldenTensors.load("audio");
        float[] mels = logMel.compute(Sounds.floats(golden.samples("short_samples")));
        assertThat(mels).containsExactly(golden.floats("short_log_mels"), within(1e-4f));
    }

    @Test
    void noSamplesGiveNoFrames() {
        assertThat(logMel.compute(new float[0])).isEmpty();
    }

    @Test
    void silenceAndClippedSamplesAreFinite() {
        assertThat(logMel.compute(new float[400])).containsOnly((float) Math.log(1e-10));
        float[] clipped = new float[400];
        for (int i = 0; i < clipped.length; i++) {
            clipped[i] = i / 7 % 2 == 0 ? -1 : 1;
        }
        for (float mel : logMel.compute(clipped)) {
            assertThat(mel).isFinite();
        }
    }

    @Test
    void powerSpectrumEqualsTheDefinition() {
        Random random = new Random(5);
        for (int size : new int[] {4, 8, 64, 256}) {
            double[] signal = random.doubles(size, -1, 1).toArray();
            double[] power = new double[size / 2 + 1];
            new RealFft(size).power(signal, power);
            for (int k = 0; k <= size / 2; k++) {
                double re = 0;
                double im = 0;
                for (int i = 0; i < size; i++) {
                    re += signal[i] * Math.cos(2 * Math.PI * i * k / size);
                    im -= signal[i] * Math.sin(2 * Math.PI * i * k / size);
                }
                assertThat(power[k]).isCloseTo(re * re + im * im, within(1e-10));
            }
        }
    }

    @Test
    void badConfigurationNamesTheField() {
        assertThatThrownBy(() -> new MelConfig(8000, 200, 80, 250, 40, 60, 3800, 1e-10))
                .hasMessage(
                        "n_fft: expected a power of two, found 250 in preprocessor_config.json");
        assertThatThrownBy(() -> new MelConfig(8000, 200, 80, 256, 40, 60, 4800, 1e-10))
                .hasMessageContaining("f_max: expected at most 4000.0, half of sampling_rate");
        assertThatThrownBy(() -> new MelConfig(8000, 300, 80, 256, 40, 60, 3800, 1e-10))
                .hasMessage(
                        "frame_length: expected 1 to 256, found 300 in preprocessor_config.json");
    }

    @Property(tries = 200, seed = "20261124")
    void streamedEqualsOfflineBitForBit(
            @ForAll @IntRange(max = 3000) int count,
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 700) int largestPiece) {
        float[] samples = Sounds.floats(Sounds.speechLike(seed, count));
        Random random = new Random(seed);
        StreamingLogMel stream = new StreamingLogMel(logMel);
        FloatList frames = new FloatList();
        StreamingLogMel.FrameSink sink = mels -> frames.add(mels, 0, mels.length);
        for (int at = 0; at < count; ) {
            int piece = Math.min(count - at, random.nextInt(largestPiece + 1));
            stream.accept(samples, at, piece, sink);
            at += piece;
            if (random.nextInt(4) == 0) {
                stream = StreamingLogMel.restore(logMel, stream.snapshot());
            }
        }
        stream.finish(sink);
        assertThat(stream.samples()).isEqualTo(count);
        assertThat(frames.toArray()).isEqualTo(logMel.compute(samples));
    }

    @Test
    void stateOfAnotherVersionCutOrTooLongIsRefused() {
        StreamingLogMel stream = new StreamingLogMel(logMel);
        stream.accept(new float[150], 0, 150, mels -> {});
        byte[] state = stream.snapshot();
        byte[] newer = state.clone();
        newer[0] = 9;
        assertThatThrownBy(() -> StreamingLogMel.restore(logMel, newer))
                .hasMessage("streaming log-mel state: expected version 1, found 9");
        assertThatThrownBy(() -> StreamingLogMel.restore(logMel, Arrays.copyOf(state, 99)))
                .hasMessageContaining("expected more than the 99 bytes found");
        assertThatThrownBy(
                        () ->
                                StreamingLogMel.restore(
                                        logMel, Arrays.copyOf(state, state.length + 3)))
                .hasMessage("streaming log-mel state: expected the end, found 3 more bytes");
    }
}
