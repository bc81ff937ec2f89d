package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flinksigmoid.operators.window.SpeechHarness.CHUNK;
import static org.flinksigmoid.operators.window.SpeechHarness.CHUNKS;
import static org.flinksigmoid.operators.window.SpeechHarness.SAMPLES;
import static org.flinksigmoid.operators.window.SpeechHarness.START;
import static org.flinksigmoid.operators.window.SpeechHarness.chunks;
import static org.flinksigmoid.operators.window.SpeechHarness.expected;
import static org.flinksigmoid.operators.window.SpeechHarness.moved;
import static org.flinksigmoid.operators.window.SpeechHarness.sound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.junit.jupiter.api.Test;

/** What ends a stream, and what is left of it. */
class SpeechStreamEndsTest {
    @Test
    void endMarkersEndStreamsEvenEmptyOnes() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(new AudioChunk("empty", 0, START, 0, new short[0], true));
            harness.send(new AudioChunk("empty", 0, START, 0, new short[0], true));
            assertThat(harness.windows())
                    .containsExactly(
                            new FeatureWindow("empty", 0, START, 0, 0, 40, new float[0], true, 0));
            harness.send(CHUNKS.getFirst());
            // The clock of an end marker does not matter.
            harness.send(new AudioChunk("a", 1, 0, 0, new short[0], true));
            assertThat(harness.windows().subList(1, 2))
                    .isEqualTo(expected("a", Arrays.copyOf(SAMPLES, CHUNK)));
        }
    }

    @Test
    void streamThatFallsSilentEndsAfterTheIdleTimeout() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(CHUNKS.subList(0, 20));
            harness.watermark(START + 20 * 40 + 29_999);
            assertThat(harness.windows()).noneMatch(FeatureWindow::last);
            harness.watermark(START + 20 * 40 + 30_000);
            assertThat(harness.windows())
                    .isEqualTo(expected("a", Arrays.copyOf(SAMPLES, 20 * CHUNK)));
            assertThat(harness.streamsInState()).isZero();
            // What comes then is late; what goes on later is a new utterance.
            harness.send(CHUNKS.get(20));
            assertThat(harness.late()).containsExactly(CHUNKS.get(20));
            harness.send(moved(CHUNKS.get(21), 60_000));
            harness.endInput();
            assertThat(harness.windows().getLast().streamStartMillis())
                    .isEqualTo(START + 21 * 40 + 60_000);
        }
    }

    @Test
    void endOfInputFlushesEveryStream() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(CHUNKS.subList(0, 10));
            harness.send(CHUNKS.subList(11, 20));
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
            harness.send(CHUNKS.subList(0, 20));
            List<AudioChunk> again = new ArrayList<>();
            for (AudioChunk chunk : CHUNKS) {
                again.add(moved(chunk, 3000));
            }
            harness.send(again);
            List<FeatureWindow> both = new ArrayList<>();
            both.addAll(expected("a", START, 8000, Arrays.copyOf(SAMPLES, 20 * CHUNK)));
            both.addAll(expected("a", START + 3000, 8000, SAMPLES));
            assertThat(harness.windows()).isEqualTo(both);
            assertThat(harness.late()).isEmpty();
        }
    }

    @Test
    void sameStreamIdBeginsAgainAfterItsEnd() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(CHUNKS);
            harness.send(CHUNKS.get(29));
            List<AudioChunk> later = chunks("a", START + 2000, 8000, SAMPLES, null);
            harness.send(later);
            List<FeatureWindow> both = new ArrayList<>(expected("a", SAMPLES));
            both.addAll(expected("a", START + 2000, 8000, SAMPLES));
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
}
