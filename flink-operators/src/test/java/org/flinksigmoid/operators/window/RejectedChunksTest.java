package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flinksigmoid.operators.window.SpeechHarness.CHUNK;
import static org.flinksigmoid.operators.window.SpeechHarness.CHUNKS;
import static org.flinksigmoid.operators.window.SpeechHarness.SAMPLES;
import static org.flinksigmoid.operators.window.SpeechHarness.START;
import static org.flinksigmoid.operators.window.SpeechHarness.assertSameFeatures;
import static org.flinksigmoid.operators.window.SpeechHarness.expected;

import java.util.Arrays;
import org.flinksigmoid.operators.types.AudioChunk;
import org.junit.jupiter.api.Test;

/** Chunks that are no audio of their stream. */
class RejectedChunksTest {
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
            harness.send(CHUNKS);
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
            assertThat(harness.windows()).isEqualTo(expected("a", SAMPLES));
            assertThat(harness.counts()).containsEntry("rejectedChunks", 8L);
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
        short[] silenced = SAMPLES.clone();
        Arrays.fill(silenced, 10 * CHUNK, 11 * CHUNK, (short) 0);
        try (SpeechHarness harness = new SpeechHarness()) {
            for (AudioChunk chunk : CHUNKS) {
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
    void aLastChunkOfUnusableAudioEndsItsStreamAllTheSame() throws Exception {
        try (SpeechHarness harness = new SpeechHarness()) {
            harness.send(CHUNKS.getFirst());
            harness.send(new AudioChunk("a", 1, START + 20, 1, new short[601], true));
            assertThat(harness.rejected())
                    .extracting(letter -> letter.reason())
                    .containsExactly("samples: expected at most 600 s, found 601 at 1 Hz");
            assertThat(harness.windows()).isEqualTo(expected("a", Arrays.copyOf(SAMPLES, CHUNK)));
        }
    }
}
