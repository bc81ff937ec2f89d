package org.flinksigmoid.kernels.audio;

import java.util.OptionalInt;

/**
 * How to read a WAV file.
 *
 * @param channel the channel to read, counted from 0; empty: the file must be mono
 * @param acceptTruncated true: read what is there of a file that was cut short, false: refuse it
 */
public record WavOptions(OptionalInt channel, boolean acceptTruncated) {
    /** Mono files, whole. */
    public static final WavOptions DEFAULT = new WavOptions(OptionalInt.empty(), false);

    /** Checks the channel. */
    public WavOptions {
        if (channel.isPresent() && channel.getAsInt() < 0) {
            throw new IllegalArgumentException(
                    "channel: expected >= 0, found " + channel.getAsInt());
        }
    }

    /** These options with that channel. */
    public WavOptions withChannel(int index) {
        return new WavOptions(OptionalInt.of(index), acceptTruncated);
    }

    /** These options, taking files that were cut short. */
    public WavOptions acceptingTruncated() {
        return new WavOptions(channel, true);
    }
}
