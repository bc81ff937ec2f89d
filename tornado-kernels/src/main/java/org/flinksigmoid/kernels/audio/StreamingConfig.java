package org.flinksigmoid.kernels.audio;

import static org.flinksigmoid.kernels.audio.MelConfig.require;

import java.io.Serializable;

/**
 * How a stream of frames is cut into windows, and what the decoder needs to join them again.
 *
 * @param windowFrames frames of a full window
 * @param hopFrames frames from one window's end to the next one's
 * @param framesPerStep frames that the encoder's convolutions make one step of
 * @param edgeSteps a step this far from a cut edge of its window has full weight
 * @param endpointSteps so many blank steps after a word end the utterance
 */
public record StreamingConfig(
        int windowFrames, int hopFrames, int framesPerStep, int edgeSteps, int endpointSteps)
        implements Serializable {
    /** 2.56 s windows each 0.64 s, an utterance ends after 0.8 s of silence. */
    public static final StreamingConfig DIGITS = new StreamingConfig(256, 64, 4, 32, 20);

    /** Windows that hear the same frame. */
    private static final int MOST_OVERLAPPING = 64;

    /** Checks the fields against each other. */
    public StreamingConfig {
        require("streaming.frames_per_step", framesPerStep, 1, 64);
        require("streaming.hop_frames", hopFrames, 1, 1 << 16);
        int longest = Math.min(1 << 16, MOST_OVERLAPPING * hopFrames);
        require("streaming.window_frames", windowFrames, hopFrames, longest);
        require("streaming.edge_steps", edgeSteps, 1, 1 << 16);
        require("streaming.endpoint_steps", endpointSteps, 1, 1 << 16);
        String multiple = "a multiple of frames_per_step " + framesPerStep;
        require(
                windowFrames % framesPerStep == 0,
                "streaming.window_frames",
                multiple,
                windowFrames);
        require(hopFrames % framesPerStep == 0, "streaming.hop_frames", multiple, hopFrames);
    }
}
