package org.flinksigmoid.kernels.decode;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Joins the log-probabilities of a stream's overlapping windows and decodes them greedily.
 *
 * <p>A step that several windows have heard gets the weighted sum of their log-probabilities; the
 * weight falls linearly to 0 over {@code edgeSteps} towards an edge where the window cuts the
 * stream. Once no later window can hear a step, it is settled: decoded for good. {@code
 * endpointSteps} settled blanks after a token, or the stream's last window, make a final result;
 * the steps not settled yet make a partial one. A step that no window has heard, because one was
 * lost, counts as blank; however many these are, they take neither memory nor time.
 *
 * <p>Keeps the unsettled steps (64 for windows of 256 frames) and the tokens of the open utterance.
 * Not thread-safe.
 */
public final class StreamingCtc {
    /** Version 1 counts steps in 32 bits. */
    private static final byte VERSION = 2;

    private final StitchConfig config;
    private final int classes;
    private final int blank;
    private CtcGreedy greedy;
    private long settled;
    private int rows;
    private float[] sums = new float[0];
    private float[] totals = new float[0];

    /**
     * A stream at its beginning.
     *
     * @param classes labels, the blank included
     * @param blank id of the blank
     */
    public StreamingCtc(StitchConfig config, int classes, int blank) {
        this.config = config;
        this.classes = classes;
        this.blank = blank;
        this.greedy = new CtcGreedy(blank);
    }

    /**
     * Takes the next window.
     *
     * @param startFrame its first frame, a multiple of the frames per step
     * @param frames how many it has
     * @param last true if the stream ends with it; the object is then at a stream's beginning again
     * @param logProbs {@code [ceil(frames / framesPerStep), classes]}
     * @return finals in time order, then at most one partial; after the last window always a final,
     *     even without tokens
     * @throws IllegalArgumentException if the sizes don't fit each other
     */
    public List<CtcResult> accept(long startFrame, int frames, boolean last, float[] logProbs) {
        int steps = config.steps(frames);
        if (logProbs.length != steps * classes) {
            throw new IllegalArgumentException(
                    ("log-probabilities of frames %d to %d: expected %d steps of %d classes,"
                                    + " found %d values")
                            .formatted(
                                    startFrame,
                                    startFrame + frames,
                                    steps,
                                    classes,
                                    logProbs.length));
        }
        if (startFrame < 0 || startFrame % config.framesPerStep() != 0) {
            throw new IllegalArgumentException(
                    "first frame: expected a multiple of %d, found %d"
                            .formatted(config.framesPerStep(), startFrame));
        }
        long first = startFrame / config.framesPerStep();
        List<CtcResult> results = new ArrayList<>();
        skip(first, results);
        add(first, steps, last, logProbs);
        settle(last ? first + steps : config.settledAfter(startFrame + frames), results);
        if (last) {
            results.add(new CtcResult(greedy.tokens(), true));
            greedy = new CtcGreedy(blank);
            settled = 0;
            rows = 0;
        } else {
            CtcGreedy ahead = greedy.copy();
            for (int row = 0; row < rows; row++) {
                ahead.accept(settled + row, label(row));
            }
            if (!ahead.isEmpty()) {
                results.add(new CtcResult(ahead.tokens(), false));
            }
        }
        return results;
    }

    /**
     * Ends the stream without another window: settles what was heard.
     *
     * @return as {@link #accept} for a last window
     */
    public List<CtcResult> finish() {
        List<CtcResult> results = new ArrayList<>();
        settle(settled + rows, results);
        results.add(new CtcResult(greedy.tokens(), true));
        greedy = new CtcGreedy(blank);
        settled = 0;
        return results;
    }

    /**
     * Settles the steps up to that one, if so many of them were not heard that they are a pause.
     */
    private void skip(long until, List<CtcResult> results) {
        long heard = settled + rows;
        if (until - heard > config.endpointSteps()) {
            settle(heard + config.endpointSteps(), results);
            settled = until; // with no token open, further blanks change nothing
        }
    }

    private void add(long first, int steps, boolean last, float[] logProbs) {
        grow((int) (first + steps - settled));
        for (int u = 0; u < steps; u++) {
            int row = (int) (first + u - settled);
            if (row < 0) {
                continue;
            }
            float distance = config.edgeSteps();
            if (first > 0) {
                distance = Math.min(distance, u + 0.5f);
            }
            if (!last) {
                distance = Math.min(distance, steps - u - 0.5f);
            }
            float weight = distance / config.edgeSteps();
            for (int c = 0; c < classes; c++) {
                sums[row * classes + c] += weight * logProbs[u * classes + c];
            }
            totals[row] += weight;
        }
    }

    private void grow(int wanted) {
        if (wanted > totals.length) {
            totals = Arrays.copyOf(totals, wanted);
            sums = Arrays.copyOf(sums, wanted * classes);
        }
        if (wanted > rows) {
            Arrays.fill(totals, rows, wanted, 0);
            Arrays.fill(sums, rows * classes, wanted * classes, 0);
            rows = wanted;
        }
    }

    private void settle(long until, List<CtcResult> results) {
        int count = (int) Math.max(0, until - settled);
        grow(count);
        for (int row = 0; row < count; row++) {
            int label = label(row);
            // Where the last token goes on, it is none of the next utterance.
            if (greedy.size() >= config.maxTokens() && label != greedy.previous()) {
                end(results);
            }
            greedy.accept(settled + row, label);
            if (!greedy.isEmpty() && greedy.blanksSinceToken() >= config.endpointSteps()) {
                end(results);
            }
        }
        rows -= count;
        settled += count;
        System.arraycopy(totals, count, totals, 0, rows);
        System.arraycopy(sums, count * classes, sums, 0, rows * classes);
    }

    private void end(List<CtcResult> results) {
        results.add(new CtcResult(greedy.tokens(), true));
        greedy.clear();
    }

    private int label(int row) {
        return totals[row] > 0 ? CtcGreedy.argmax(sums, row * classes, classes) : blank;
    }

    /** The state between two windows: one byte of version, then its fields. */
    public byte[] snapshot() {
        List<CtcToken> tokens = greedy.tokens();
        ByteBuffer bytes = ByteBuffer.allocate(29 + 20 * tokens.size() + 4 * rows * (1 + classes));
        bytes.put(VERSION).putInt(classes).putLong(settled);
        bytes.putInt(greedy.previous()).putInt(greedy.blanksSinceToken()).putInt(tokens.size());
        for (CtcToken token : tokens) {
            bytes.putInt(token.label()).putLong(token.startStep()).putLong(token.endStep());
        }
        bytes.putInt(rows);
        for (int row = 0; row < rows; row++) {
            bytes.putFloat(totals[row]);
            for (int c = 0; c < classes; c++) {
                bytes.putFloat(sums[row * classes + c]);
            }
        }
        return bytes.array();
    }

    /**
     * Goes on where {@link #snapshot} was taken.
     *
     * @throws IllegalArgumentException if the bytes are of another version or number of classes,
     *     cut or too long
     */
    public static StreamingCtc restore(
            StitchConfig config, int classes, int blank, byte[] snapshot) {
        if (snapshot.length == 0 || snapshot[0] < 1 || snapshot[0] > VERSION) {
            throw new IllegalArgumentException(
                    "streaming CTC state: expected version %d, found %s"
                            .formatted(VERSION, snapshot.length == 0 ? "0 bytes" : snapshot[0]));
        }
        ByteBuffer bytes = ByteBuffer.wrap(snapshot, 1, snapshot.length - 1);
        StreamingCtc stream = new StreamingCtc(config, classes, blank);
        try {
            stream.read(snapshot[0], bytes);
        } catch (BufferUnderflowException cut) {
            throw new IllegalArgumentException(
                    "streaming CTC state: expected more than the %d bytes found"
                            .formatted(snapshot.length),
                    cut);
        }
        if (bytes.hasRemaining()) {
            throw new IllegalArgumentException(
                    "streaming CTC state: expected the end, found %d more bytes"
                            .formatted(bytes.remaining()));
        }
        return stream;
    }

    private void read(byte version, ByteBuffer bytes) {
        int found = bytes.getInt();
        if (found != classes) {
            throw new IllegalArgumentException(
                    "streaming CTC state: expected %d classes, found %d".formatted(classes, found));
        }
        settled = step(version, bytes);
        int previous = bytes.getInt();
        int blanksSinceToken = bytes.getInt();
        List<CtcToken> tokens = new ArrayList<>();
        for (int left = count(bytes, version > 1 ? 20 : 12); left > 0; left--) {
            tokens.add(new CtcToken(bytes.getInt(), step(version, bytes), step(version, bytes)));
        }
        greedy = new CtcGreedy(blank, previous, blanksSinceToken, tokens);
        int held = count(bytes, 4 * (1 + classes));
        grow(held);
        for (int row = 0; row < held; row++) {
            totals[row] = bytes.getFloat();
            for (int c = 0; c < classes; c++) {
                sums[row * classes + c] = bytes.getFloat();
            }
        }
    }

    private static long step(byte version, ByteBuffer bytes) {
        return version > 1 ? bytes.getLong() : bytes.getInt();
    }

    private static int count(ByteBuffer bytes, int size) {
        int count = bytes.getInt();
        if (count < 0 || count > bytes.remaining() / size) {
            throw new BufferUnderflowException();
        }
        return count;
    }
}
