package org.flinksigmoid.kernels.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * One channel of a WAV file, in memory.
 *
 * @param sampleRate samples per second
 * @param samples 16-bit samples; the record's own array
 */
public record WavFile(int sampleRate, short[] samples) {
    private static final int HEADER_BYTES = 44;

    /** Checks the rate. */
    public WavFile {
        if (sampleRate < 1) {
            throw new IllegalArgumentException("sample rate: expected >= 1, found " + sampleRate);
        }
    }

    /**
     * Reads a mono file.
     *
     * @throws AudioFormatException naming file, field, expected and found
     */
    public static WavFile read(Path file) throws IOException {
        try (WavReader reader = WavReader.open(file, WavReader.MONO_ONLY)) {
            return new WavFile(reader.sampleRate(), reader.readAll());
        }
    }

    /** Writes a mono file of 16-bit PCM. */
    public void write(Path file) throws IOException {
        Files.write(file, toBytes());
    }

    /** The bytes of a mono file of 16-bit PCM. */
    public byte[] toBytes() {
        int dataBytes = Math.multiplyExact(2, samples.length);
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.addExact(HEADER_BYTES, dataBytes))
                        .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(HEADER_BYTES - 8 + dataBytes);
        bytes.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        bytes.putShort((short) 1).putShort((short) 1);
        bytes.putInt(sampleRate).putInt(2 * sampleRate);
        bytes.putShort((short) 2).putShort((short) 16);
        bytes.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(dataBytes);
        bytes.asShortBuffer().put(samples);
        return bytes.array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WavFile file
                && sampleRate == file.sampleRate
                && Arrays.equals(samples, file.samples);
    }

    @Override
    public int hashCode() {
        return 31 * sampleRate + Arrays.hashCode(samples);
    }

    /** As {@code 4000 samples at 8000 Hz}. */
    @Override
    public String toString() {
        return "%d samples at %d Hz".formatted(samples.length, sampleRate);
    }
}
