package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.flinksigmoid.operators.window.SpeechHarness.START;
import static org.flinksigmoid.operators.window.SpeechHarness.chunks;
import static org.flinksigmoid.operators.window.SpeechHarness.expected;
import static org.flinksigmoid.operators.window.SpeechHarness.sound;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpeechWindowsTest {
    private static final int CHUNK = 320;

    private final short[] samples = sound(7, 30 * CHUNK);
    private final List<AudioChunk> chunks = chunks("a", samples);

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
            List<AudioChunk> shuffled = new ArrayList<>(chunks);
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
                assertThat(harness.windows()).isEqualTo(expected("a", samples));
                assertThat(harness.late()).isEmpty();
                assertThat(harness.gaps()).isEmpty();
            }
        }
    }

    @Test
    void repeatedChunksAreDropped() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(chunks.get(1));
            harness.send(chunks.get(1));
            for (AudioChunk chunk : chunks) {
                harness.send(chunk);
                harness.send(chunk);
            }
            harness.send(chunks);
            assertThat(harness.windows()).isEqualTo(expected("a", samples));
            assertThat(harness.late()).isEmpty();
        }
    }

    @Test
    void missingChunkBecomesSilenceOnceTheLatenessHasPassed() throws Exception {
        short[] silenced = samples.clone();
        Arrays.fill(silenced, 10 * CHUNK, 12 * CHUNK, (short) 0);
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(chunks.subList(0, 10));
            harness.send(chunks.subList(12, 13));
            harness.watermark(START + 12 * 40 + 499);
            assertThat(harness.gaps()).isEmpty();
            harness.watermark(START + 12 * 40 + 500);
            assertThat(harness.gaps())
                    .containsExactly(new AudioGap("a", START + 400, START + 480, 2, false));
            harness.send(chunks.get(11));
            harness.send(chunks.subList(13, 30));
            assertThat(harness.late()).containsExactly(chunks.get(11));
            assertThat(harness.windows().stream().mapToLong(FeatureWindow::gapMillis).sum())
                    .isEqualTo(80);
            assertSameFeatures(harness.windows(), expected("a", silenced));
        }
    }

    @Test
    void missingChunkIsGivenUpWhenTooMuchAudioWaits() throws Exception {
        SpeechWindowSettings settings =
                SpeechWindows.of(SpeechHarness.CONFIG)
                        .maxWaiting(Duration.ofMillis(200))
                        .settings();
        try (SpeechHarness harness = new SpeechHarness(settings)) {
            harness.send(chunks.subList(0, 3));
            harness.send(chunks.subList(4, 9));
            assertThat(harness.gaps()).isEmpty();
            harness.send(chunks.get(9));
            assertThat(harness.gaps()).hasSize(1);
        }
    }

    @Test
    void streamThatDoesNotBeginWithZeroBeginsAfterTheLateness() throws Exception {
        short[] rest = Arrays.copyOfRange(samples, 5 * CHUNK, samples.length);
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(chunks.get(6));
            harness.send(chunks.get(5));
            harness.send(chunks.subList(7, 30));
            assertThat(harness.windows()).isEmpty();
            harness.watermark(START + 5 * 40 + 500);
            assertThat(harness.windows()).isEqualTo(expected("a", START + 200, 8000, rest));
            assertThat(harness.gaps()).isEmpty();
            harness.send(chunks.get(4));
            assertThat(harness.late()).containsExactly(chunks.get(4));
        }
    }

    @Test
    void silenceThatWasNotSentIsPutIn() throws Exception {
        // Numbers go on, the clock jumps by 2 s: a sender that skips silence.
        short[] with = new short[samples.length + 16_000];
        System.arraycopy(samples, 0, with, 0, 15 * CHUNK);
        System.arraycopy(samples, 15 * CHUNK, with, 15 * CHUNK + 16_000, 15 * CHUNK);
        try (SpeechHarness harness = new SpeechHarness()) {
            for (AudioChunk chunk : chunks) {
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
            harness.send(chunks.getFirst());
            for (AudioChunk chunk : chunks.subList(1, 30)) {
                harness.send(moved(chunk, random.nextInt(-90, 91)));
            }
            assertThat(harness.windows()).isEqualTo(expected("a", samples));
            assertThat(harness.gaps()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {5001, 3_600_000, -5001, -3_600_000})
    void clockThatJumpsTooFarEndsTheUtterance(long jump) throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            for (AudioChunk chunk : chunks) {
                harness.send(chunk.sequence() < 15 ? chunk : moved(chunk, jump));
            }
            List<FeatureWindow> both = new ArrayList<>();
            both.addAll(expected("a", START, 8000, Arrays.copyOf(samples, 15 * CHUNK)));
            both.addAll(
                    expected(
                            "a",
                            START + 600 + jump,
                            8000,
                            Arrays.copyOfRange(samples, 15 * CHUNK, samples.length)));
            assertThat(harness.windows()).isEqualTo(both);
            assertThat(harness.gaps())
                    .containsExactly(new AudioGap("a", START + 600, START + 600 + jump, 0, true));
        }
    }

    @Test
    void oneChunkFromTheFutureLosesNothing() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            for (AudioChunk chunk : chunks) {
                harness.send(chunk.sequence() == 15 ? moved(chunk, 3_600_000) : chunk);
            }
            assertThat(harness.windows().stream().filter(FeatureWindow::last)).hasSize(3);
            assertThat(harness.late()).isEmpty();
            assertThat(harness.rejected()).isEmpty();
        }
    }

    @Test
    void chunksThatAreNoAudioAreRejectedWithTheReason() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.watermark(START);
            short[] audio = new short[80];
            harness.send(new AudioChunk("b", -1, START, 8000, audio, false));
            harness.send(new AudioChunk("b", 0, START + 86_400_001, 8000, audio, false));
            harness.send(new AudioChunk("b", 0, START, 0, audio, false));
            harness.send(new AudioChunk("b", 0, START, 44_101, audio, false));
            harness.send(new AudioChunk("b", 0, START, 8000, new short[0], false));
            harness.send(new AudioChunk("b", 0, START, 1, new short[601], false));
            harness.send(new AudioChunk("b", 0, START, 1, new short[1], false));
            harness.send(new AudioChunk("b", 0, Long.MIN_VALUE, 8000, audio, false));
            harness.send(chunks);
            assertThat(harness.rejected())
                    .extracting(letter -> letter.reason())
                    .containsExactly(
                            "sequence: expected >= 0, found -1",
                            "timestamp: expected at most 86400000 ms after the watermark %d, found %d"
                                    .formatted(START, START + 86_400_001),
                            "sample rate: expected one in a simple ratio to 8000 Hz, found 0 Hz",
                            "sample rate: expected one in a simple ratio to 8000 Hz, found 44101"
                                    + " Hz",
                            "samples: expected at least one, found none",
                            "samples: expected at most 600 s, found 601 at 1 Hz",
                            "sample rate: expected one in a simple ratio to 8000 Hz, found 1 Hz",
                            "timestamp: expected milliseconds since the epoch, found "
                                    + Long.MIN_VALUE);
            assertThat(harness.windows()).isEqualTo(expected("a", samples));
            assertThat(harness.streamsInState()).isEqualTo(1);
        }
    }

    @Test
    void theLastOfAllNumbersIsRejectedAndCountsNothingAsMissing() throws Exception {
        short[] audio = new short[800];
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(new AudioChunk("b", 0, START, 8000, audio, false));
            harness.send(new AudioChunk("b", Long.MAX_VALUE, START + 100, 8000, audio, false));
            harness.send(new AudioChunk("b", Long.MAX_VALUE - 1, START + 900, 8000, audio, false));
            harness.watermark(START + 2000);
            harness.send(new AudioChunk("b", 1, START + 3000, 8000, audio, false));
            harness.watermark(START + 5000);
            assertThat(harness.rejected())
                    .extracting(letter -> letter.reason())
                    .containsExactly(
                            "sequence: expected one that another can follow, found "
                                    + Long.MAX_VALUE);
        }
    }

    @Test
    void chunkOfAnotherRateThanItsStreamBecomesSilence() throws Exception {
        short[] silenced = samples.clone();
        Arrays.fill(silenced, 10 * CHUNK, 11 * CHUNK, (short) 0);
        try (SpeechHarness harness = new SpeechHarness()) {
            for (AudioChunk chunk : chunks) {
                harness.send(
                        chunk.sequence() == 10
                                ? new AudioChunk(
                                        "a",
                                        10,
                                        chunk.timestampMillis(),
                                        16_000,
                                        new short[640],
                                        false)
                                : chunk);
            }
            assertThat(harness.rejected())
                    .extracting(letter -> letter.reason())
                    .containsExactly("sample rate: expected the stream's 8000 Hz, found 16000 Hz");
            assertSameFeatures(harness.windows(), expected("a", silenced));
        }
    }

    @Test
    void endMarkersEndStreamsEvenEmptyOnes() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(new AudioChunk("empty", 0, START, 0, new short[0], true));
            harness.send(new AudioChunk("empty", 0, START, 0, new short[0], true));
            assertThat(harness.windows())
                    .containsExactly(
                            new FeatureWindow("empty", 0, START, 0, 0, 40, new float[0], true, 0));
            harness.send(chunks.getFirst());
            // The clock of an end marker does not matter.
            harness.send(new AudioChunk("a", 1, 0, 0, new short[0], true));
            assertThat(harness.windows().subList(1, 2))
                    .isEqualTo(expected("a", Arrays.copyOf(samples, CHUNK)));
        }
    }

    @Test
    void aLastChunkOfUnusableAudioEndsItsStreamAllTheSame() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(chunks.getFirst());
            harness.send(new AudioChunk("a", 1, START + 20, 1, new short[601], true));
            assertThat(harness.rejected())
                    .extracting(letter -> letter.reason())
                    .containsExactly("samples: expected at most 600 s, found 601 at 1 Hz");
            assertThat(harness.windows()).isEqualTo(expected("a", Arrays.copyOf(samples, CHUNK)));
        }
    }

    @Test
    void streamThatFallsSilentEndsAfterTheIdleTimeout() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(chunks.subList(0, 20));
            harness.watermark(START + 20 * 40 + 29_999);
            assertThat(harness.windows()).noneMatch(FeatureWindow::last);
            harness.watermark(START + 20 * 40 + 30_000);
            assertThat(harness.windows())
                    .isEqualTo(expected("a", Arrays.copyOf(samples, 20 * CHUNK)));
            assertThat(harness.streamsInState()).isZero();
            // What comes then is late; what goes on later is a new utterance.
            harness.send(chunks.get(20));
            assertThat(harness.late()).containsExactly(chunks.get(20));
            harness.send(moved(chunks.get(21), 60_000));
            harness.endInput();
            assertThat(harness.windows().getLast().streamStartMillis())
                    .isEqualTo(START + 21 * 40 + 60_000);
        }
    }

    @Test
    void endOfInputFlushesEveryStream() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(chunks.subList(0, 10));
            harness.send(chunks.subList(11, 20));
            List<AudioChunk> other = chunks("b", sound(8, 25 * CHUNK));
            harness.send(other.subList(3, 10));
            harness.endInput();
            assertThat(harness.windows().stream().filter(FeatureWindow::last))
                    .extracting(FeatureWindow::streamId)
                    .containsExactlyInAnyOrder("a", "b");
            assertThat(harness.gaps()).hasSize(1);
            assertThat(harness.streamsInState()).isZero();
            assertThat(harness.timers()).isZero();
        }
    }

    @Test
    void senderThatRestartsBeginsANewUtterance() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(chunks.subList(0, 20));
            List<AudioChunk> again = new ArrayList<>();
            for (AudioChunk chunk : chunks) {
                again.add(moved(chunk, 3000));
            }
            harness.send(again);
            List<FeatureWindow> both = new ArrayList<>();
            both.addAll(expected("a", START, 8000, Arrays.copyOf(samples, 20 * CHUNK)));
            both.addAll(expected("a", START + 3000, 8000, samples));
            assertThat(harness.windows()).isEqualTo(both);
            assertThat(harness.late()).isEmpty();
        }
    }

    @Test
    void sameStreamIdBeginsAgainAfterItsEnd() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(chunks);
            harness.send(chunks.get(29));
            List<AudioChunk> later = chunks("a", START + 2000, 8000, samples, null);
            harness.send(later);
            List<FeatureWindow> both = new ArrayList<>(expected("a", samples));
            both.addAll(expected("a", START + 2000, 8000, samples));
            assertThat(harness.windows()).isEqualTo(both);
        }
    }

    @Test
    void nightOfStreamsLeavesNothing() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            for (int i = 0; i < 3000; i++) {
                long start = START + 100L * i;
                AudioChunk only =
                        new AudioChunk("s" + i, 0, start, 8000, new short[160], i % 2 == 0);
                harness.send(only);
                harness.watermark(start);
            }
            assertThat(harness.streamsInState()).isLessThan(200);
            harness.watermark(START + 300_000 + 31_000);
            assertThat(harness.windows()).hasSize(3000);
            assertThat(harness.streamsInState()).isZero();
            assertThat(harness.timers()).isZero();
        }
    }

    @Test
    void restoredOperatorGoesOnTheSame() throws Exception {
        List<AudioChunk> arriving = new ArrayList<>(chunks);
        Collections.swap(arriving, 13, 15);
        Collections.swap(arriving, 20, 21);
        for (int cut = 1; cut < arriving.size(); cut += 3) {
            List<FeatureWindow> windows = new ArrayList<>();
            try (SpeechHarness before = new SpeechHarness()) {
                before.send(arriving.subList(0, cut));
                var state = before.snapshot();
                windows.addAll(before.windows());
                // What the first one does after the snapshot must not show in it.
                before.send(arriving.subList(cut, arriving.size()));
                try (SpeechHarness after = new SpeechHarness(SpeechWindowSettings.DEFAULT, state)) {
                    after.send(arriving.subList(cut, arriving.size()));
                    windows.addAll(after.windows());
                }
            }
            assertThat(windows).as("cut at %d", cut).isEqualTo(expected("a", samples));
        }
    }

    @Test
    void restoredTimersStillEndStreams() throws Exception {
        try (SpeechHarness before = new SpeechHarness()) {
            before.send(chunks.subList(0, 5));
            before.send(chunks.subList(6, 20));
            try (SpeechHarness after =
                    new SpeechHarness(SpeechWindowSettings.DEFAULT, before.snapshot())) {
                after.endInput();
                assertThat(after.gaps()).hasSize(1);
                assertThat(after.windows().getLast().last()).isTrue();
                assertThat(after.streamsInState()).isZero();
            }
        }
    }

    @Test
    void rescaledOperatorGoesOnTheSame() throws Exception {
        List<List<AudioChunk>> streams = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            streams.add(chunks("s" + i, sound(i, 30 * CHUNK)));
        }
        List<FeatureWindow> windows = new ArrayList<>();
        OperatorSubtaskState state = null;
        int before = 1;
        int from = 0;
        for (int parallelism : new int[] {2, 3, 1}) {
            List<OperatorSubtaskState> parts = new ArrayList<>();
            for (int subtask = 0; subtask < parallelism; subtask++) {
                OperatorSubtaskState mine =
                        state == null
                                ? null
                                : AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                        state,
                                        SpeechHarness.MAX_PARALLELISM,
                                        before,
                                        parallelism,
                                        subtask);
                try (SpeechHarness harness =
                        new SpeechHarness(
                                SpeechWindowSettings.DEFAULT, mine, parallelism, subtask)) {
                    for (List<AudioChunk> stream : streams) {
                        if (subtaskOf(stream.getFirst().streamId(), parallelism) == subtask) {
                            harness.send(stream.subList(from, from + 10));
                        }
                    }
                    windows.addAll(harness.windows());
                    parts.add(harness.snapshot());
                }
            }
            state =
                    AbstractStreamOperatorTestHarness.repackageState(
                            parts.toArray(OperatorSubtaskState[]::new));
            before = parallelism;
            from += 10;
        }
        for (int i = 0; i < streams.size(); i++) {
            String id = "s" + i;
            assertThat(windows.stream().filter(window -> window.streamId().equals(id)))
                    .containsExactlyElementsOf(expected(id, sound(i, 30 * CHUNK)));
        }
    }

    private static int subtaskOf(String streamId, int parallelism) {
        return KeyGroupRangeAssignment.assignKeyToParallelOperator(
                streamId, SpeechHarness.MAX_PARALLELISM, parallelism);
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

    private static AudioChunk moved(AudioChunk chunk, long millis) {
        return new AudioChunk(
                chunk.streamId(),
                chunk.sequence(),
                chunk.timestampMillis() + millis,
                chunk.sampleRate(),
                chunk.samples(),
                chunk.last());
    }

    /** All but the reported gaps. */
    private static void assertSameFeatures(
            List<FeatureWindow> found, List<FeatureWindow> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).startFrame()).isEqualTo(expected.get(i).startFrame());
            assertThat(found.get(i).features()).isEqualTo(expected.get(i).features());
        }
    }
}
