package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.flinksigmoid.operators.window.SpeechHarness.CHUNK;
import static org.flinksigmoid.operators.window.SpeechHarness.CHUNKS;
import static org.flinksigmoid.operators.window.SpeechHarness.SAMPLES;
import static org.flinksigmoid.operators.window.SpeechHarness.START;
import static org.flinksigmoid.operators.window.SpeechHarness.assertSameFeatures;
import static org.flinksigmoid.operators.window.SpeechHarness.chunks;
import static org.flinksigmoid.operators.window.SpeechHarness.expected;
import static org.flinksigmoid.operators.window.SpeechHarness.moved;
import static org.flinksigmoid.operators.window.SpeechHarness.sound;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.flink.configuration.Configuration;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows of chunks that come in another order, twice, late or not at all. */
class SpeechWindowsTest {
    @ParameterizedTest
    @ValueSource(ints = {8000, 11_025, 16_000, 44_100})
    void windowsDoNotDependOnTheCutting(int rate) throws Exception {
        for (int seed = 0; seed < 4; seed++) {
            short[] audio = sound(seed, 3 * rate + 17 * seed);
            try (SpeechHarness harness = new SpeechHarness()) {
                harness.send(chunks("a", START, rate, audio, new Random(seed)));
                assertThat(harness.windows()).isEqualTo(expected("a", START, rate, audio));
                assertThat(harness.gaps()).isEmpty();
            }
        }
    }

    @Test
    void chunksWithinTheLatenessAreReordered() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            List<AudioChunk> shuffled = new ArrayList<>(CHUNKS);
            for (int i = 0; i + 8 <= shuffled.size(); i += 8) {
                Collections.shuffle(shuffled.subList(i, i + 8), random);
            }
            try (SpeechHarness harness = new SpeechHarness()) {
                long newest = 0;
                for (AudioChunk chunk : shuffled) {
                    harness.send(chunk);
                    newest = Math.max(newest, chunk.timestampMillis());
                    harness.watermark(newest - 1);
                }
                assertThat(harness.windows()).isEqualTo(expected("a", SAMPLES));
                assertThat(harness.late()).isEmpty();
                assertThat(harness.gaps()).isEmpty();
            }
        }
    }

    @Test
    void repeatedChunksAreDropped() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(CHUNKS.get(1));
            harness.send(CHUNKS.get(1));
            for (AudioChunk chunk : CHUNKS) {
                harness.send(chunk);
                harness.send(chunk);
            }
            harness.send(CHUNKS);
            assertThat(harness.windows()).isEqualTo(expected("a", SAMPLES));
            assertThat(harness.late()).isEmpty();
            // 92 were sent, 30 of them were taken
            assertThat(harness.counts()).containsEntry("duplicateChunks", 62L);
        }
    }

    @Test
    void missingChunkBecomesSilenceOnceTheLatenessHasPassed() throws Exception {
        short[] silenced = SAMPLES.clone();
        Arrays.fill(silenced, 10 * CHUNK, 12 * CHUNK, (short) 0);
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(CHUNKS.subList(0, 10));
            harness.send(CHUNKS.subList(12, 13));
            harness.watermark(START + 12 * 40 + 499);
            assertThat(harness.gaps()).isEmpty();
            harness.watermark(START + 12 * 40 + 500);
            assertThat(harness.gaps())
                    .containsExactly(new AudioGap("a", START + 400, START + 480, 2, false));
            harness.send(CHUNKS.get(11));
            harness.send(CHUNKS.subList(13, 30));
            assertThat(harness.late()).containsExactly(CHUNKS.get(11));
            assertThat(harness.windows().stream().mapToLong(FeatureWindow::gapMillis).sum())
                    .isEqualTo(80);
            assertSameFeatures(harness.windows(), expected("a", silenced));
            assertThat(harness.counts())
                    .containsOnly(
                            entry("windows", (long) harness.windows().size()),
                            entry("gaps", 1L),
                            entry("gapMillis", 80L),
                            entry("duplicateChunks", 0L),
                            entry("lateChunks", 1L),
                            entry("rejectedChunks", 0L));
        }
    }

    @Test
    void missingChunkIsGivenUpWhenTooMuchAudioWaits() throws Exception {
        SpeechWindowSettings settings =
                SpeechWindows.of(SpeechHarness.CONFIG)
                        .maxWaiting(Duration.ofMillis(200))
                        .settings();
        try (SpeechHarness harness = new SpeechHarness(settings)) {
            harness.send(CHUNKS.subList(0, 3));
            harness.send(CHUNKS.subList(4, 9));
            assertThat(harness.gaps()).isEmpty();
            harness.send(CHUNKS.get(9));
            assertThat(harness.gaps()).hasSize(1);
        }
    }

    @Test
    void streamThatDoesNotBeginWithZeroBeginsAfterTheLateness() throws Exception {
        short[] rest = Arrays.copyOfRange(SAMPLES, 5 * CHUNK, SAMPLES.length);
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(CHUNKS.get(6));
            harness.send(CHUNKS.get(5));
            harness.send(CHUNKS.subList(7, 30));
            assertThat(harness.windows()).isEmpty();
            harness.watermark(START + 5 * 40 + 500);
            assertThat(harness.windows()).isEqualTo(expected("a", START + 200, 8000, rest));
            assertThat(harness.gaps()).isEmpty();
            harness.send(CHUNKS.get(4));
            assertThat(harness.late()).containsExactly(CHUNKS.get(4));
        }
    }

    @Test
    void silenceThatWasNotSentIsPutIn() throws Exception {
        // Numbers go on, the clock jumps by 2 s: a sender that skips silence.
        short[] with = new short[SAMPLES.length + 16_000];
        System.arraycopy(SAMPLES, 0, with, 0, 15 * CHUNK);
        System.arraycopy(SAMPLES, 15 * CHUNK, with, 15 * CHUNK + 16_000, 15 * CHUNK);
        try (SpeechHarness harness = new SpeechHarness()) {
            for (AudioChunk chunk : CHUNKS) {
                harness.send(chunk.sequence() < 15 ? chunk : moved(chunk, 2000));
            }
            assertThat(harness.gaps())
                    .containsExactly(new AudioGap("a", START + 600, START + 2600, 0, false));
            assertSameFeatures(harness.windows(), expected("a", with));
        }
    }

    @Test
    void inaccurateClocksChangeNothing() throws Exception {
        Random random = new Random(3);
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(CHUNKS.getFirst());
            for (AudioChunk chunk : CHUNKS.subList(1, 30)) {
                harness.send(moved(chunk, random.nextInt(-90, 91)));
            }
            assertThat(harness.windows()).isEqualTo(expected("a", SAMPLES));
            assertThat(harness.gaps()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {5001, 3_600_000, -5001, -3_600_000})
    void clockThatJumpsTooFarEndsTheUtterance(long jump) throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            for (AudioChunk chunk : CHUNKS) {
                harness.send(chunk.sequence() < 15 ? chunk : moved(chunk, jump));
            }
            List<FeatureWindow> both = new ArrayList<>();
            both.addAll(expected("a", START, 8000, Arrays.copyOf(SAMPLES, 15 * CHUNK)));
            both.addAll(
                    expected(
                            "a",
                            START + 600 + jump,
                            8000,
                            Arrays.copyOfRange(SAMPLES, 15 * CHUNK, SAMPLES.length)));
            assertThat(harness.windows()).isEqualTo(both);
            assertThat(harness.gaps())
                    .containsExactly(new AudioGap("a", START + 600, START + 600 + jump, 0, true));
        }
    }

    @Test
    void oneChunkFromTheFutureLosesNothing() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            for (AudioChunk chunk : CHUNKS) {
                harness.send(chunk.sequence() == 15 ? moved(chunk, 3_600_000) : chunk);
            }
            assertThat(harness.windows().stream().filter(FeatureWindow::last)).hasSize(3);
            assertThat(harness.late()).isEmpty();
            assertThat(harness.rejected()).isEmpty();
        }
    }

    @Test
    void optionsComeFromAConfigurationAndAreChecked() {
        Configuration options = new Configuration();
        options.set(SpeechWindowOptions.ALLOWED_LATENESS, Duration.ofSeconds(2));
        options.setString("speech.max-gap", "3 s");
        SpeechWindowSettings settings =
                SpeechWindows.of(SpeechHarness.CONFIG).options(options).settings();
        assertThat(settings.allowedLateness()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.maxGap()).isEqualTo(Duration.ofSeconds(3));
        assertThatThrownBy(
                        () ->
                                SpeechWindows.of(SpeechHarness.CONFIG)
                                        .idleTimeout(Duration.ofMillis(100))
                                        .settings())
                .hasMessage("speech.idle-timeout: expected at least PT0.5S, found PT0.1S");
        assertThatThrownBy(
                        () ->
                                SpeechWindows.of(SpeechHarness.CONFIG)
                                        .maxAhead(Duration.ofDays(365_001))
                                        .settings())
                .hasMessage("speech.max-ahead: expected at most 365000 days, found PT8760024H");
    }
}
