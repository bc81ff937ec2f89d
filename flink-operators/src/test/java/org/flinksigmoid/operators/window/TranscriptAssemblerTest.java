package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.flinksigmoid.operators.window.SpeechHarness.START;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.flink.configuration.Configuration;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.junit.jupiter.api.Test;

class TranscriptAssemblerTest {
    private static final int STEPS = 300;

    /** Label of each step of a stream: "1 2" in its first second, "3" after 8 s. */
    private final int[] labels = labels();

    @Test
    void partialsBecomeFinalsWithTimes() throws Exception {
        try (TranscriptHarness harness = new TranscriptHarness()) {
            sendAll(harness, windows("a", START));
            List<Transcript> results = harness.results();
            Transcript first = results.getFirst();
            assertThat(first.text()).isEqualTo("1 2");
            assertThat(first.isFinal()).isFalse();
            // Steps 5..8 and 12..14; three steps of silence stand before the stream.
            assertThat(first.wordStartMillis()).containsExactly(START + 80, START + 360);
            assertThat(first.wordEndMillis()).containsExactly(START + 200, START + 440);
            assertThat(first.startMillis()).isEqualTo(START + 80);
            assertThat(first.endMillis()).isEqualTo(START + 440);
            assertThat(first.streamStartMillis()).isEqualTo(START);
            List<Transcript> finals = results.stream().filter(Transcript::isFinal).toList();
            assertThat(finals).extracting(Transcript::text).containsExactly("1 2", "3", "");
            assertThat(finals)
                    .extracting(Transcript::endOfStream)
                    .containsExactly(false, false, true);
            // Said once, not once a window.
            assertThat(results.stream().filter(result -> !result.isFinal()))
                    .extracting(Transcript::text)
                    .containsExactly("1 2", "3");
            assertThat(harness.streamsInState()).isZero();
            assertThat(harness.timers()).isZero();
        }
    }

    @Test
    void partialsCanBeLeftOut() throws Exception {
        try (TranscriptHarness harness = new TranscriptHarness(false, null)) {
            sendAll(harness, windows("a", START));
            assertThat(harness.results()).allMatch(Transcript::isFinal).hasSize(3);
        }
    }

    @Test
    void emptyStreamSaysSoOnce() throws Exception {
        try (TranscriptHarness harness = new TranscriptHarness()) {
            harness.send(new WindowLogProbs("a", 0, START, 0, 0, true, 0, 5, new float[0]), START);
            assertThat(harness.results())
                    .containsExactly(
                            new Transcript(
                                    "a",
                                    "",
                                    true,
                                    START,
                                    START,
                                    START,
                                    new long[0],
                                    new long[0],
                                    0,
                                    true));
        }
    }

    @Test
    void gapsAreReportedWithTheNextFinal() throws Exception {
        List<WindowLogProbs> windows = windows("a", START);
        windows.set(2, withGap(windows.get(2), 300));
        windows.set(3, withGap(windows.get(3), 40));
        try (TranscriptHarness harness = new TranscriptHarness()) {
            sendAll(harness, windows);
            assertThat(harness.results().stream().filter(Transcript::isFinal))
                    .extracting(Transcript::gapMillis)
                    .containsExactly(340L, 0L, 0L);
        }
    }

    @Test
    void lostWindowsCountAsSilence() throws Exception {
        List<WindowLogProbs> windows = windows("a", START);
        windows.subList(9, 16).clear();
        try (TranscriptHarness harness = new TranscriptHarness()) {
            sendAll(harness, windows);
            assertThat(finals(harness)).containsExactly("1 2", "");
            assertThat(harness.counts()).containsEntry("lostWindows", 7L);
        }
    }

    @Test
    void windowAfterALaterOneGoesToTheSideOutput() throws Exception {
        List<WindowLogProbs> windows = windows("a", START);
        try (TranscriptHarness harness = new TranscriptHarness()) {
            Collections.swap(windows, 4, 5);
            sendAll(harness, windows);
            assertThat(harness.late()).containsExactly(windows.get(5));
            assertThat(finals(harness)).containsExactly("1 2", "3", "");
            assertThat(harness.counts())
                    .containsOnly(
                            entry("finals", 3L),
                            entry("partials", harness.results().size() - 3L),
                            entry("lostWindows", 1L), // until it came
                            entry("lateWindows", 1L),
                            entry("streamsGivenUp", 0L));
        }
    }

    @Test
    void streamWhoseLastWindowIsLostEndsAllTheSame() throws Exception {
        List<WindowLogProbs> windows = windows("a", START);
        long end = START + 40L * 16 * 3 - 120;
        try (TranscriptHarness harness = new TranscriptHarness()) {
            sendAll(harness, windows.subList(0, 3));
            harness.watermark(end + 9_999);
            assertThat(finals(harness)).isEmpty();
            harness.watermark(end + 10_000);
            assertThat(finals(harness)).containsExactly("1 2", "");
            assertThat(harness.results().getLast().endOfStream()).isTrue();
            assertThat(harness.streamsInState()).isZero();
            assertThat(harness.timers()).isZero();
        }
        try (TranscriptHarness harness = new TranscriptHarness()) {
            sendAll(harness, windows.subList(0, 3));
            harness.watermark(Long.MAX_VALUE);
            assertThat(finals(harness)).containsExactly("1 2", "");
            assertThat(harness.streamsInState()).isZero();
        }
        try (TranscriptHarness harness = new TranscriptHarness()) {
            sendAll(harness, windows.subList(0, 3));
            sendAll(harness, windows("a", START + 60_000));
            assertThat(finals(harness)).containsExactly("1 2", "", "1 2", "3", "");
            assertThat(harness.counts()).containsEntry("streamsGivenUp", 1L);
        }
    }

    @Test
    void aStreamOfYearsGoesOnAfterItWasGivenUp() throws Exception {
        Duration age = Duration.ofDays(3000);
        try (TranscriptHarness harness = new TranscriptHarness()) {
            sendAll(harness, windows("a", START).subList(0, 3));
            harness.watermark(START + age.toMillis() - 1000);
            assertThat(finals(harness)).containsExactly("1 2", "");
            harness.results().clear();
            for (WindowLogProbs window : windows("a", START)) {
                harness.send(later(window, age.toMillis() / 40), START + age.toMillis());
            }
            assertThat(finals(harness)).containsExactly("1 2", "3", "");
            assertThat(harness.results().getFirst().startMillis())
                    .isEqualTo(START + age.toMillis() + 80);
        }
    }

    private static WindowLogProbs later(WindowLogProbs window, long steps) {
        return new WindowLogProbs(
                window.streamId(),
                window.index() + steps / 16,
                window.streamStartMillis(),
                window.startFrame() + 4 * steps,
                window.frames(),
                window.last(),
                window.gapMillis(),
                window.classes(),
                window.logProbs());
    }

    @Test
    void restoredOperatorGoesOnTheSame() throws Exception {
        List<WindowLogProbs> windows = windows("a", START);
        List<Transcript> expected;
        try (TranscriptHarness harness = new TranscriptHarness()) {
            sendAll(harness, windows);
            expected = harness.results();
        }
        for (int cut = 1; cut < windows.size(); cut++) {
            try (TranscriptHarness before = new TranscriptHarness()) {
                sendAll(before, windows.subList(0, cut));
                List<Transcript> results = new ArrayList<>(before.results());
                try (TranscriptHarness after = new TranscriptHarness(true, before.snapshot())) {
                    sendAll(after, windows.subList(cut, windows.size()));
                    results.addAll(after.results());
                }
                assertThat(results).as("cut at %d", cut).isEqualTo(expected);
            }
        }
    }

    @Test
    void logProbabilitiesOfAnotherModelAreRefused() throws Exception {
        try (TranscriptHarness harness = new TranscriptHarness()) {
            assertThatThrownBy(
                            () ->
                                    harness.send(
                                            new WindowLogProbs(
                                                    "a", 0, START, 0, 4, true, 0, 7, new float[7]),
                                            START))
                    .hasMessage("log-probabilities of stream a: expected 5 classes, found 7");
        }
    }

    @Test
    void transcriptDependsOnNeitherCuttingNorOrderNorRestarts() throws Exception {
        short[] audio = SpeechHarness.sound(11, 8000 * 12);
        List<Transcript> expected = null;
        for (int seed = 0; seed < 6; seed++) {
            Random random = new Random(seed);
            List<AudioChunk> chunks = SpeechHarness.chunks("a", START, 8000, audio, random);
            for (int i = 0; seed > 0 && i + 4 <= chunks.size(); i += 4) {
                Collections.shuffle(chunks.subList(i, i + 4), random);
            }
            List<Transcript> results = transcribe(chunks, random);
            if (expected == null) {
                expected = results;
                assertThat(results.getLast().endOfStream()).isTrue();
                assertThat(String.join(" ", texts(results))).hasSizeGreaterThan(10);
            }
            assertThat(results).isEqualTo(expected);
        }
    }

    @Test
    void optionsComeFromAConfigurationAndAreChecked() {
        TranscriptAssembler assembler =
                TranscriptAssembler.of(PreprocessorConfig.DIGITS, TranscriptHarness.LABELS);
        Configuration options = new Configuration();
        options.set(TranscriptOptions.STREAM_TIMEOUT, Duration.ZERO);
        assertThatThrownBy(() -> assembler.options(options))
                .hasMessage("transcript.stream-timeout: expected more than 0, found PT0S");
        assertThatThrownBy(() -> assembler.streamTimeout(Duration.ofMillis(Long.MAX_VALUE)))
                .hasMessageStartingWith(
                        "transcript.stream-timeout: expected at most 365000 days, found PT");
    }

    private static List<Transcript> transcribe(List<AudioChunk> chunks, Random random)
            throws Exception {
        SpeechHarness speech = new SpeechHarness();
        TranscriptHarness transcripts = new TranscriptHarness();
        List<Transcript> results = new ArrayList<>();
        for (AudioChunk chunk : chunks) {
            speech.send(chunk);
            for (FeatureWindow window : speech.windows()) {
                transcripts.send(TranscriptHarness.standIn(window), window.streamStartMillis() + 1);
            }
            speech.windows().clear();
            if (random.nextInt(40) == 0) {
                var state = speech.snapshot();
                speech.close();
                speech = new SpeechHarness(SpeechWindowSettings.DEFAULT, state);
            }
        }
        results.addAll(transcripts.results());
        speech.close();
        transcripts.close();
        return results;
    }

    private static List<String> finals(TranscriptHarness harness) {
        return texts(harness.results());
    }

    private static List<String> texts(List<Transcript> results) {
        return results.stream().filter(Transcript::isFinal).map(Transcript::text).toList();
    }

    private static void sendAll(TranscriptHarness harness, List<WindowLogProbs> windows)
            throws Exception {
        for (WindowLogProbs window : windows) {
            long end = window.streamStartMillis() + 10L * (window.startFrame() + window.frames());
            harness.send(window, end);
            if (harness.results().size() > 100) {
                throw new AssertionError("too many results");
            }
        }
    }

    private List<WindowLogProbs> windows(String id, long start) {
        List<WindowLogProbs> windows = new ArrayList<>();
        for (int end = 16; end <= STEPS; end += 16) {
            windows.add(window(id, windows.size(), start, Math.max(0, end - 64), end, false));
        }
        windows.add(window(id, windows.size(), start, STEPS - 64, STEPS, true));
        return windows;
    }

    private WindowLogProbs window(
            String id, int index, long start, int from, int to, boolean last) {
        float[] logProbs = new float[(to - from) * 5];
        Arrays.fill(logProbs, -6);
        for (int step = from; step < to; step++) {
            logProbs[(step - from) * 5 + labels[step]] = -0.01f;
        }
        return new WindowLogProbs(
                id, index, start, 4 * from, 4 * (to - from), last, 0, 5, logProbs);
    }

    private static WindowLogProbs withGap(WindowLogProbs window, long millis) {
        return new WindowLogProbs(
                window.streamId(),
                window.index(),
                window.streamStartMillis(),
                window.startFrame(),
                window.frames(),
                window.last(),
                millis,
                window.classes(),
                window.logProbs());
    }

    private static int[] labels() {
        int[] labels = new int[STEPS];
        Arrays.fill(labels, 5, 8, 1);
        Arrays.fill(labels, 12, 14, 2);
        Arrays.fill(labels, 200, 204, 3);
        return labels;
    }
}
