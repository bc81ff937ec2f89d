package org.flinksigmoid.kernels.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flinksigmoid.kernels.golden.GoldenTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingCtcTest {
    private static final int CLASSES = 5;

    private final GoldenTensors golden = GoldenTensors.load("stream");

    @Test
    void resultsEqualTheTrainingRecipeWindowByWindow() throws IOException {
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        JsonNode windows = windows();
        for (int i = 0; i < windows.size(); i++) {
            assertThat(accept(stream, windows, i))
                    .as("window %d", i)
                    .isEqualTo(expected(windows, i));
            if (!windows.get(i).get("last").asBoolean()) {
                assertThat(settled(stream)).isEqualTo(windows.get(i).get("settled").asInt());
            }
        }
    }

    /** Steps that are decoded for good: behind the version and the number of classes. */
    private static long settled(StreamingCtc stream) {
        return ByteBuffer.wrap(stream.snapshot()).getLong(1 + Integer.BYTES);
    }

    @Test
    void restoredStreamGoesOnTheSame() throws IOException {
        JsonNode windows = windows();
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        for (int i = 0; i < windows.size(); i++) {
            StreamingCtc other = stream;
            stream = StreamingCtc.restore(StitchConfig.DIGITS, CLASSES, 0, stream.snapshot());
            other.finish();
            assertThat(accept(stream, windows, i)).isEqualTo(expected(windows, i));
        }
    }

    @Test
    void streamRestoredFromVersion1GoesOnTheSame() throws IOException {
        JsonNode windows = windows();
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        for (int i = 0; i < windows.size(); i++) {
            stream =
                    StreamingCtc.restore(
                            StitchConfig.DIGITS, CLASSES, 0, version1(stream.snapshot()));
            assertThat(accept(stream, windows, i)).isEqualTo(expected(windows, i));
        }
    }

    private static byte[] version1(byte[] state) {
        ByteBuffer now = ByteBuffer.wrap(state, 1, state.length - 1);
        ByteBuffer then = ByteBuffer.allocate(state.length);
        then.put((byte) 1).putInt(now.getInt()).putInt((int) now.getLong());
        then.putInt(now.getInt()).putInt(now.getInt());
        int tokens = now.getInt();
        then.putInt(tokens);
        for (int i = 0; i < tokens; i++) {
            then.putInt(now.getInt()).putInt((int) now.getLong()).putInt((int) now.getLong());
        }
        then.put(now);
        return Arrays.copyOf(then.array(), then.position());
    }

    @Test
    void aPauseWithoutWindowsOfAnyLengthEndsTheUtteranceAndCostsNothing() throws IOException {
        List<CtcResult> minutes = resultsAround(4L * 2000);
        List<CtcResult> years = resultsAround(4L << 32);
        assertThat(minutes).anyMatch(result -> result.isFinal() && !result.tokens().isEmpty());
        assertThat(years).isEqualTo(minutes);
    }

    /** What comes out when so many frames are missing; behind them, counted from there. */
    private List<CtcResult> resultsAround(long missing) throws IOException {
        JsonNode windows = windows();
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        List<CtcResult> results = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            results.addAll(accept(stream, windows, i));
        }
        for (int i = 5; i < windows.size(); i++) {
            JsonNode window = windows.get(i);
            int start = window.get("start").asInt();
            List<CtcResult> heard =
                    stream.accept(
                            start + missing,
                            window.get("end").asInt() - start,
                            window.get("last").asBoolean(),
                            golden.floats("window." + i));
            heard.forEach(result -> results.add(earlier(result, missing / 4)));
        }
        return results;
    }

    private static CtcResult earlier(CtcResult result, long steps) {
        List<CtcToken> tokens = new ArrayList<>();
        for (CtcToken token : result.tokens()) {
            long by = token.startStep() < steps ? 0 : steps;
            tokens.add(new CtcToken(token.label(), token.startStep() - by, token.endStep() - by));
        }
        return new CtcResult(tokens, result.isFinal());
    }

    @Test
    void streamIsAtItsBeginningAfterTheLastWindow() throws IOException {
        JsonNode windows = windows();
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        for (int i = 0; i < windows.size(); i++) {
            accept(stream, windows, i);
        }
        assertThat(stream.snapshot())
                .isEqualTo(new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0).snapshot());
        assertThat(accept(stream, windows, 0)).isEqualTo(expected(windows, 0));
    }

    @Test
    void emptyLastWindowMakesAnEmptyFinal() {
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        assertThat(stream.accept(0, 0, true, new float[0]))
                .containsExactly(new CtcResult(List.of(), true));
    }

    @Test
    void lostWindowsLeaveBlanksAndTheRestInPlace() throws IOException {
        JsonNode windows = windows();
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        List<CtcToken> finals = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            if (i >= 5 && i <= 9) {
                continue;
            }
            for (CtcResult result : accept(stream, windows, i)) {
                if (result.isFinal()) {
                    finals.addAll(result.tokens());
                }
            }
        }
        // Window 4 ends at step 80 and window 10 begins at step 112.
        assertThat(finals)
                .extracting(CtcToken::startStep)
                .startsWith(3L, 11L)
                .endsWith(170L, 176L, 246L);
        assertThat(finals).noneMatch(token -> token.startStep() >= 80 && token.endStep() <= 112);
    }

    @Test
    void finishingWithoutALastWindowSettlesWhatWasHeard() throws IOException {
        JsonNode windows = windows();
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        CtcResult partial = accept(stream, windows, 0).getLast();
        assertThat(stream.finish()).containsExactly(new CtcResult(partial.tokens(), true));
        assertThat(stream.finish()).containsExactly(new CtcResult(List.of(), true));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void utteranceWithoutAPauseEndsAtItsBound(int blank) {
        StitchConfig config = new StitchConfig(256, 64, 4, 32, 20, 10);
        StreamingCtc stream = new StreamingCtc(config, 3, blank);
        float[] logProbs = new float[192];
        for (int step = 0; step < 64; step++) {
            logProbs[3 * step + step % 2] = 9;
        }
        int finals = 0;
        for (int window = 0; window < 40; window++) {
            for (CtcResult result : stream.accept(64 * window, 256, false, logProbs)) {
                assertThat(result.tokens().size()).isLessThan(64);
                finals += result.isFinal() ? 1 : 0;
            }
        }
        assertThat(finals).isGreaterThan(20);
        assertThat(stream.snapshot().length).isLessThan(2000);
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        StreamingCtc stream = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0);
        assertThatThrownBy(() -> stream.accept(0, 64, false, new float[79]))
                .hasMessage(
                        "log-probabilities of frames 0 to 64: expected 16 steps of 5 classes, found"
                                + " 79 values");
        assertThatThrownBy(() -> stream.accept(2, 4, false, new float[5]))
                .hasMessage("first frame: expected a multiple of 4, found 2");
        assertThatThrownBy(() -> new StitchConfig(256, 63, 4, 32, 20, 10))
                .hasMessageContaining("multiples of 4, found 256 and 63");
    }

    @Test
    void stateThatDoesNotFitIsRefused() {
        byte[] state = new StreamingCtc(StitchConfig.DIGITS, CLASSES, 0).snapshot();
        byte[] newer = state.clone();
        newer[0] = 7;
        assertThatThrownBy(() -> restore(newer))
                .hasMessage("streaming CTC state: expected version 2, found 7");
        assertThatThrownBy(() -> restore(Arrays.copyOf(state, state.length - 1)))
                .hasMessageContaining("expected more than the 28 bytes found");
        assertThatThrownBy(() -> restore(Arrays.copyOf(state, state.length + 2)))
                .hasMessage("streaming CTC state: expected the end, found 2 more bytes");
        assertThatThrownBy(() -> StreamingCtc.restore(StitchConfig.DIGITS, 4, 0, state))
                .hasMessage("streaming CTC state: expected 4 classes, found 5");
    }

    private static StreamingCtc restore(byte[] state) {
        return StreamingCtc.restore(StitchConfig.DIGITS, CLASSES, 0, state);
    }

    private List<CtcResult> accept(StreamingCtc stream, JsonNode windows, int index) {
        JsonNode window = windows.get(index);
        int start = window.get("start").asInt();
        return stream.accept(
                start,
                window.get("end").asInt() - start,
                window.get("last").asBoolean(),
                golden.floats("window." + index));
    }

    private static List<CtcResult> expected(JsonNode windows, int index) {
        List<CtcResult> results = new ArrayList<>();
        for (JsonNode result : windows.get(index).get("results")) {
            List<CtcToken> tokens = new ArrayList<>();
            for (JsonNode token : result.get("tokens")) {
                tokens.add(
                        new CtcToken(
                                token.get(0).asInt(), token.get(1).asInt(), token.get(2).asInt()));
            }
            results.add(new CtcResult(tokens, result.get("final").asBoolean()));
        }
        return results;
    }

    private static JsonNode windows() throws IOException {
        return new ObjectMapper().readTree(GoldenTensors.text("stream/windows.json"));
    }
}
