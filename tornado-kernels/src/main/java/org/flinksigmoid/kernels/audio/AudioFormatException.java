package org.flinksigmoid.kernels.audio;

import java.io.IOException;

/** Audio that cannot be read, said as source, field, what was expected and what was found. */
public final class AudioFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * As {@code call.wav: bits per sample: expected 16, found 24; convert to 16-bit PCM}.
     *
     * @param source name of the file or stream
     * @param field what is wrong in it
     * @param expected what would have been right
     * @param found what is there
     */
    public AudioFormatException(String source, String field, Object expected, Object found) {
        super("%s: %s: expected %s, found %s".formatted(source, field, expected, found));
    }
}
