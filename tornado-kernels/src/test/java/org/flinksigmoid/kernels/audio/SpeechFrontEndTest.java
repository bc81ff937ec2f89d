package org.flinksigmoid.kernels.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.flinksigmoid.kernels.golden.GoldenTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpeechFrontEndTest {
    private static final PreprocessorConfig SMALL_WINDOWS =
            new PreprocessorConfig(
                    480, MelConfig.DIGITS, level(24), new StreamingConfig(16, 8, 4, 2, 20));
    private static final SpeechFrontEnd SMALL = new SpeechFrontEnd(SMALL_WINDOWS);
    private static final SpeechFrontEnd ELSEWHERE = new SpeechFrontEnd(SMALL_WINDOWS);

    private final SpeechFrontEnd frontEnd = new SpeechFrontEnd(PreprocessorConfig.DIGITS);
    private final SpeechFrontEnd unpadded =
            new SpeechFrontEnd(
                    new PreprocessorConfig(
                            0, MelConfig.DIGITS, LevelConfig.DIGITS, StreamingConfig.DIGITS));

    /** With the floor of {@code golden.py}, which stays where it is when the recipe's moves. */
    private final SpeechFrontEnd goldens =
            new SpeechFrontEnd(
                    new PreprocessorConfig(
                            0, MelConfig.DIGITS, level(512), StreamingConfig.DIGITS));

    private final GoldenTensors golden = GoldenTensors.load("audio");

    @Test
    void offlineFeaturesEqualTheTrainingRecipe() {
        assertThat(goldens.features(golden.samples("samples"), 8000))
                .containsExactly(golden.floats("features"), within(1e-4f));
    }

    @Property(tries = 50, seed = "20261201")
    void framesAreKnownBeforeTheyAreMade(
            @ForAll @IntRange(min = 0, max = 5000) int samples,
            @ForAll @IntRange(min = 0, max = 5) int rate) {
        int hertz = new int[] {1000, 5512, 8000, 11_025, 22_050, 48_000}[rate];
        int bands = PreprocessorConfig.DIGITS.mel().bands();
        assertThat(frontEnd.frames(samples, hertz))
                .isEqualTo(frontEnd.features(new short[samples], hertz).length / bands);
    }

    @Test
    void tiltAndFloorEqualTheTrainingRecipe(@TempDir Path folder) throws IOException {
        String json = GoldenTensors.text("audio/preprocessor_config.json");
        PreprocessorConfig config =
                PreprocessorConfig.read(Files.writeString(folder.resolve("golden.json"), json));
        assertThat(config.level().melTilt()).hasSize(40);
        assertThat(config.paddingSamples()).isEqualTo(960);
        SpeechFrontEnd tilted =
                new SpeechFrontEnd(
                        new PreprocessorConfig(
                                0, config.mel(), config.level(), config.streaming()));
        assertThat(tilted.features(golden.samples("samples"), 8000))
                .containsExactly(golden.floats("tilted_features"), within(1e-4f));
    }

    @Test
    void silenceIsPutAroundTheStream() {
        float[] expected = golden.floats("padded_log_mels");
        short[] samples = golden.samples("samples");
        assertThat(frontEnd.features(samples, 8000)).hasSameSizeAs(expected);
        float[] padded = new float[samples.length + 2 * 960];
        System.arraycopy(Sounds.floats(samples), 0, padded, 960, samples.length);
        assertThat(new LogMel(MelConfig.DIGITS).compute(padded))
                .containsExactly(expected, within(1e-4f));
        assertThat(frontEnd.features(samples, 8000)).isEqualTo(unpadded.features(padded, 8000));
        assertThat(PreprocessorConfig.DIGITS.millis(0)).isZero();
        assertThat(PreprocessorConfig.DIGITS.millis(12)).isZero();
        assertThat(PreprocessorConfig.DIGITS.millis(16)).isEqualTo(40);
    }

    @Test
    void digitalSilenceHasTheLowestLevel() {
        assertThat(goldens.features(new short[600], 8000))
                .containsExactly(golden.floats("silence_features"), within(1e-4f));
    }

    @Test
    void windowLevelComesFromItsHistoryOnly() {
        // 106 frames of samples, the last window [64, 104) and its history [8, 104) of these.
        PreprocessorConfig config =
                new PreprocessorConfig(
                        0, MelConfig.DIGITS, level(96), new StreamingConfig(40, 8, 4, 32, 20));
        List<SpeechWindow> windows =
                run(new SpeechFrontEnd(config), golden.samples("samples"), 8000);
        SpeechWindow window = windows.get(104 / 8 - 1);
        assertThat(window.startFrame()).isEqualTo(64);
        assertThat(window.features())
                .containsExactly(golden.floats("window_features"), within(1e-4f));
    }

    @Test
    void windowsFollowTheSchedule() {
        // 402 frames, 24 of them of silence around: windows end at 64, 128, ... 384, and the last
        // at 402.
        short[] samples = Sounds.speechLike(1, 200 + 377 * 80 + 79);
        List<SpeechWindow> windows = run(frontEnd, samples, 8000);
        assertThat(windows)
                .extracting(SpeechWindow::index)
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(windows)
                .extracting(SpeechWindow::startFrame)
                .containsExactly(0L, 0L, 0L, 0L, 64L, 128L, 148L);
        assertThat(windows)
                .extracting(SpeechWindow::endFrame)
                .containsExactly(64L, 128L, 192L, 256L, 320L, 384L, 402L);
        assertThat(windows)
                .extracting(SpeechWindow::last)
                .containsExactly(false, false, false, false, false, false, true);
    }

    @Test
    void streamThatEndsOnAHopStillGetsALastWindow() {
        List<SpeechWindow> windows = run(frontEnd, Sounds.speechLike(1, 200 + 39 * 80), 8000);
        assertThat(windows).hasSize(2);
        assertThat(windows.get(1).last()).isTrue();
        assertThat(windows.get(1).features()).isEqualTo(windows.get(0).features());
    }

    @Test
    void shortStreamEqualsOffline() {
        short[] samples = Sounds.speechLike(2, 3300);
        List<SpeechWindow> windows = run(frontEnd, samples, 8000);
        assertThat(windows).hasSize(1);
        assertThat(windows.getFirst().features()).isEqualTo(frontEnd.features(samples, 8000));
    }

    @Test
    void streamWithoutSamplesEndsWithAnEmptyWindow() {
        List<SpeechWindow> windows = run(frontEnd, new short[0], 8000);
        assertThat(windows).containsExactly(new SpeechWindow(0, 0, 0, 40, new float[0], true));
        assertThat(frontEnd.features(new short[0], 8000)).isEmpty();
    }

    @Test
    void silenceFedAsACountEqualsZeros() {
        List<SpeechWindow> counted = new ArrayList<>();
        SpeechStream stream = frontEnd.open(8000);
        stream.acceptSilence(10_001, counted::add);
        stream.finish(counted::add);
        assertThat(stream.samples()).isEqualTo(10_001);
        assertThat(counted).isEqualTo(run(frontEnd, new short[10_001], 8000));
    }

    @Property(tries = 100, seed = "20261124")
    void windowsDependOnNeitherChunksNorRestarts(
            @ForAll long seed,
            @ForAll @IntRange(max = 9000) int count,
            @ForAll @IntRange(min = 1, max = 2000) int largestPiece,
            @ForAll boolean resampled) {
        int rate = resampled ? 11_025 : 8000;
        short[] samples = Sounds.speechLike(seed, count);
        Random random = new Random(seed);
        List<SpeechWindow> windows = new ArrayList<>();
        SpeechStream stream = SMALL.open(rate);
        for (int at = 0; at < count; ) {
            int piece = Math.min(count - at, random.nextInt(largestPiece + 1));
            stream.accept(samples, at, piece, windows::add);
            at += piece;
            if (random.nextInt(3) == 0) {
                stream = ELSEWHERE.restore(stream.snapshot());
            }
        }
        stream.copy().finish(window -> {});
        stream.finish(windows::add);
        assertThat(windows).isEqualTo(run(SMALL, samples, rate));
    }

    @Test
    void aStreamGoesOnBeyondTheFramesThat32BitsCount() {
        short[] samples = Sounds.speechLike(5, 8000 * 15);
        SpeechStream young = frontEnd.open(8000);
        young.accept(samples, 0, 8000 * 8, window -> {});
        int more = Integer.MAX_VALUE - 1023; // a multiple of the ring's 512 rows and of a hop
        SpeechStream old = frontEnd.restore(version2(young.snapshot(), more));
        assertThat(old.frames()).isEqualTo(young.frames() + more).isLessThan(1L << 31);

        List<SpeechWindow> expected = new ArrayList<>();
        young.accept(samples, 8000 * 8, 8000 * 7, expected::add);
        young.finish(expected::add);
        List<SpeechWindow> found = new ArrayList<>();
        for (int at = 8000 * 8; at < samples.length; at += 8000) {
            old.accept(samples, at, 8000, found::add);
            old = old.copy();
        }
        old.finish(found::add);
        assertThat(found.getLast().startFrame()).isGreaterThan(1L << 31);
        assertThat(found).isEqualTo(expected.stream().map(window -> later(window, more)).toList());
    }

    private static SpeechWindow later(SpeechWindow window, int frames) {
        return new SpeechWindow(
                window.index() + frames / 64,
                window.startFrame() + frames,
                window.frames(),
                window.width(),
                window.features(),
                window.last());
    }

    /** The state as version 2 wrote it, of a stream that has heard so many more frames. */
    private static byte[] version2(byte[] state, int moreFrames) {
        ByteBuffer now = ByteBuffer.wrap(state);
        ByteBuffer then = ByteBuffer.allocate(state.length - 8);
        then.put((byte) 2).put(state, 1, 16);
        then.putInt((int) now.getLong(17) + moreFrames);
        then.putInt((int) now.getLong(25) + moreFrames / 64);
        return then.put(state, 33, state.length - 33).array();
    }

    @Test
    void finishedStreamTakesNothingMore() {
        SpeechStream stream = frontEnd.open(8000);
        stream.finish(window -> {});
        assertThatThrownBy(() -> stream.accept(new short[1], 0, 1, window -> {}))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> stream.finish(window -> {}))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void stateThatDoesNotFitIsRefused() {
        byte[] state = frontEnd.open(8000).snapshot();
        assertThatThrownBy(() -> frontEnd.restore(new byte[0]))
                .hasMessage("speech stream state: expected version 3, found 0 bytes");
        assertThatThrownBy(() -> frontEnd.restore(Arrays.copyOf(state, state.length + 1)))
                .hasMessage("speech stream state: expected the end, found 1 more bytes");
        MelConfig narrow = new MelConfig(8000, 200, 80, 256, 20, 60, 3800, 1e-10);
        SpeechFrontEnd other =
                new SpeechFrontEnd(
                        new PreprocessorConfig(
                                960, narrow, LevelConfig.DIGITS, StreamingConfig.DIGITS));
        assertThatThrownBy(() -> other.restore(state))
                .hasMessage("speech stream state: expected 20 bands, found 40");
    }

    @Test
    void stateThatAnotherFrontEndOfAsManyBandsHeardIsRefused() {
        byte[] state = frontEnd.open(8000).snapshot();
        MelConfig slower = new MelConfig(8000, 200, 100, 256, 40, 60, 3800, 1e-10);
        StreamingConfig coarser = new StreamingConfig(256, 64, 8, 32, 20);
        assertThatThrownBy(() -> digits(960, slower, StreamingConfig.DIGITS).restore(state))
                .hasMessage("speech stream state: hop length: expected 100, found 80");
        assertThatThrownBy(() -> digits(960, MelConfig.DIGITS, coarser).restore(state))
                .hasMessage("speech stream state: frames per step: expected 8, found 4");
        assertThatThrownBy(() -> digits(0, MelConfig.DIGITS, StreamingConfig.DIGITS).restore(state))
                .hasMessage("speech stream state: padding samples: expected 0, found 960");
    }

    private static SpeechFrontEnd digits(int padding, MelConfig mel, StreamingConfig streaming) {
        return new SpeechFrontEnd(
                new PreprocessorConfig(padding, mel, LevelConfig.DIGITS, streaming));
    }

    private static LevelConfig level(int historyFrames) {
        return new LevelConfig(historyFrames, 0.01, -12.0, -6.907755, 0.3, new double[0]);
    }

    private static List<SpeechWindow> run(SpeechFrontEnd frontEnd, short[] samples, int rate) {
        List<SpeechWindow> windows = new ArrayList<>();
        SpeechStream stream = frontEnd.open(rate);
        stream.accept(samples, 0, samples.length, windows::add);
        stream.finish(windows::add);
        return windows;
    }
}
