package org.flinksigmoid.kernels.decode;

import java.io.Serializable;

/**
 * How the windows of a stream overlap and when an utterance ends.
 *
 * @param windowFrames frames of a full window
 * @param hopFrames frames from one window's end to the next one's
 * @param framesPerStep frames of an encoder step
 * @param edgeSteps a step this far from a cut edge of its window has full weight
 * @param endpointSteps so many blank steps after a token end the utterance
 * @param maxTokens an utterance without a pause ends after so many tokens, so that state stays
 *     bounded whatever comes in
 */
public record StitchConfig(
        int windowFrames,
        int hopFrames,
        int framesPerStep,
        int edgeSteps,
        int endpointSteps,
        int maxTokens)
        implements Serializable {
    /** The default of {@code maxTokens}: minutes of speech without a pause. */
    public static final int MAX_TOKENS = 1000;

    /** 2.56 s windows each 0.64 s, an utterance ends after 0.8 s of silence. */
    public static final StitchConfig DIGITS = new StitchConfig(256, 64, 4, 32, 20, MAX_TOKENS);

    /** Checks the fields against each other. */
    public StitchConfig {
        require("framesPerStep", framesPerStep, 1);
        require("hopFrames", hopFrames, 1);
        require("windowFrames", windowFrames, hopFrames);
        require("edgeSteps", edgeSteps, 1);
        require("endpointSteps", endpointSteps, 1);
        require("maxTokens", maxTokens, 1);
        if (windowFrames % framesPerStep != 0 || hopFrames % framesPerStep != 0) {
            throw new IllegalArgumentException(
                    "expected windowFrames and hopFrames to be multiples of %d, found %d and %d"
                            .formatted(framesPerStep, windowFrames, hopFrames));
        }
    }

    /** Encoder steps of so many frames. */
    public int steps(int frames) {
        return Math.ceilDiv(frames, framesPerStep);
    }

    /** Steps below this one belong to no later window than one that ends at that frame. */
    long settledAfter(long endFrame) {
        return Math.max(0, endFrame + hopFrames - windowFrames) / framesPerStep;
    }

    private static void require(String field, int value, int min) {
        if (value < min) {
            throw new IllegalArgumentException(
                    "%s: expected >= %d, found %d".formatted(field, min, value));
        }
    }
}
