package org.flinksigmoid.operators.types;

import java.util.Random;

/** Records for tests: usual ones, empty ones, extreme ones. */
public final class Samples {
    private Samples() {}

    static final AudioChunk[] CHUNKS = {
        new AudioChunk("call-1", 0, 1_700_000_000_000L, 8000, new short[] {0, 1, -1}, false),
        new AudioChunk("", -1, Long.MIN_VALUE, 0, new short[0], true),
        new AudioChunk(
                "\u00fcn\ud83d\ude00",
                Long.MAX_VALUE,
                -1,
                44_100,
                new short[] {Short.MIN_VALUE, Short.MAX_VALUE},
                true),
        new AudioChunk("long", 7, 5, 8000, new short[100_000], false),
    };

    static final FeatureWindow[] WINDOWS = {
        window(16_000 / 40),
        new FeatureWindow("s", 3, 10, 64, 2, 2, new float[] {1, -0f, Float.NaN, 4}, true, 20),
        new FeatureWindow("", 0, 0, 0, 0, 40, new float[0], true, 0),
        new FeatureWindow("years", 1L << 33, 0, 64L << 33, 1, 1, new float[] {1}, false, 0),
    };

    static final WindowLogProbs[] LOG_PROBS = {
        WindowLogProbs.of(WINDOWS[0], 11, new float[1100]),
        WindowLogProbs.of(WINDOWS[1], 2, new float[] {Float.NEGATIVE_INFINITY, 0}),
        WindowLogProbs.of(WINDOWS[2], 11, new float[0]),
        WindowLogProbs.of(WINDOWS[2], 1, new float[] {-1}, "0123456789ab"),
        WindowLogProbs.of(WINDOWS[3], 1, new float[] {-1}, "0123456789ab"),
    };

    static final Transcript[] TRANSCRIPTS = {
        new Transcript(
                "s", "3 0 7", true, 1, 2, 9, new long[] {2, 4, 6}, new long[] {3, 5, 9}, 0, false),
        new Transcript("", "", false, 0, 0, 0, new long[0], new long[0], 100, true),
    };

    static final TextMessage[] MESSAGES = {
        new TextMessage("user", "42", "Guten Tag \u2026", 12),
        new TextMessage("", "", "", 0),
        // half a surrogate pair, as a text cut at a fixed length may end
        new TextMessage("k", "1", "cut \ud83d", -5),
        new TextMessage("k", "2", "\ude00\ud83d\ude00 and the other half", 5),
        new TextMessage("k", "3", "x".repeat(1 << 20), 5),
    };

    static final Score[] SCORES = {
        new Score("k", "1", "de", 0.75f, new float[] {0.75f, 0.25f}, 9, 12, "0123456789ab"),
        new Score("", "", "", 0, new float[0], 0, 0, ""),
    };

    static final ModelUpdate[] UPDATES = {
        new ModelUpdate("", "/models/langid-2"), new ModelUpdate("\u00fcn", ""),
    };

    static final ModelEvent[] EVENTS = {
        new ModelEvent("", "/models/langid-2", "0123456789ab", true, "", 120, 3, 12),
        new ModelEvent("m", "", "", false, "CheckpointException: cut", 0, 0, Long.MIN_VALUE),
    };

    /** A window as a long utterance gives, {@code frames x 40} random features. */
    public static FeatureWindow window(int frames) {
        Random random = new Random(frames);
        float[] features = new float[frames * 40];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        return new FeatureWindow(
                "stream-17", 12, 1_700_000_000_000L, 768, frames, 40, features, false, 0);
    }
}
