package org.flinksigmoid.kernels.audio;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What a RIFF header says up to the first sample.
 *
 * @param sampleRate samples per second
 * @param channels interleaved channels
 * @param dataOffset bytes before the first sample
 * @param dataBytes bytes of samples; {@link #UNKNOWN_SIZE} where the writer could not know them, or
 *     did not come to write them
 */
record WavHeader(int sampleRate, int channels, long dataOffset, long dataBytes) {
    static final long UNKNOWN_SIZE = -1;

    /** Writers to a pipe cannot know the size and leave a huge one there. */
    private static final long OPEN_SIZE = 0x7fff_f000L;

    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int EXTENSIBLE = 0xfffe;
    private static final int MAX_FORMAT_BYTES = 4096;

    /** The last 14 bytes of every SubFormat that stands for an old format tag. */
    private static final byte[] SUBFORMAT_TAIL = {
        0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xaa, 0, 0x38, (byte) 0x9b, 0x71
    };

    /** Reads up to the first sample. */
    static WavHeader read(InputStream in, String name) throws IOException {
        byte[] riff = in.readNBytes(12);
        if (riff.length == 0) {
            throw new AudioFormatException(name, "file", "a RIFF header", "0 bytes");
        }
        if (riff.length < 12) {
            throw new AudioFormatException(
                    name, "header", "12 bytes of RIFF header", riff.length + " bytes");
        }
        expectTag(name, "container", "RIFF", riff, 0);
        expectTag(name, "form type", "WAVE", riff, 8);
        long riffBytes = Integer.toUnsignedLong(little(riff).getInt(4));
        long position = 12;
        WavHeader format = null;
        while (true) {
            byte[] head = in.readNBytes(8);
            if (head.length < 8) {
                throw new AudioFormatException(
                        name,
                        format == null ? "fmt chunk" : "data chunk",
                        "one",
                        "the end of the file after %d bytes".formatted(position + head.length));
            }
            position += 8;
            String id = tag(head, 0);
            long size = Integer.toUnsignedLong(little(head).getInt(4));
            if (id.equals("data")) {
                if (format == null) {
                    throw new AudioFormatException(name, "chunks", "fmt before data", "data first");
                }
                // Of a recorder that was killed: the size of the whole has no room for more,
                // either.
                boolean unfinished =
                        size == 0 && (8 + riffBytes <= position || riffBytes >= OPEN_SIZE);
                return new WavHeader(
                        format.sampleRate,
                        format.channels,
                        position,
                        size >= OPEN_SIZE || unfinished ? UNKNOWN_SIZE : size);
            }
            long padded = size + (size & 1);
            if (id.equals("fmt ")) {
                format = format(name, in, size);
                skip(in, name, id, padded - size);
            } else {
                skip(in, name, id, padded);
            }
            position += padded;
        }
    }

    private static WavHeader format(String name, InputStream in, long size) throws IOException {
        if (size < 16 || size > MAX_FORMAT_BYTES) {
            throw new AudioFormatException(
                    name, "fmt chunk", "16 to " + MAX_FORMAT_BYTES + " bytes", size + " bytes");
        }
        byte[] bytes = in.readNBytes((int) size);
        if (bytes.length < size) {
            throw new AudioFormatException(
                    name, "fmt chunk", size + " bytes", bytes.length + " bytes");
        }
        ByteBuffer fields = little(bytes);
        int bits = Short.toUnsignedInt(fields.getShort(14));
        int tag = Short.toUnsignedInt(fields.getShort(0));
        if (tag == EXTENSIBLE) {
            if (size < 40) {
                throw new AudioFormatException(
                        name, "extensible fmt chunk", "40 bytes", size + " bytes");
            }
            for (int i = 0; i < SUBFORMAT_TAIL.length; i++) {
                if (bytes[26 + i] != SUBFORMAT_TAIL[i]) {
                    throw new AudioFormatException(
                            name, "sub-format", "PCM", "an unknown one; convert to 16-bit PCM");
                }
            }
            tag = Short.toUnsignedInt(fields.getShort(24));
        }
        if (tag != PCM) {
            String what = tag == FLOAT ? "floating point (3)" : "format tag " + tag;
            throw new AudioFormatException(
                    name, "sample format", "PCM (1)", what + "; convert to 16-bit PCM");
        }
        if (bits != 16) {
            throw new AudioFormatException(
                    name, "bits per sample", "16", bits + "; convert to 16-bit PCM");
        }
        int channels = Short.toUnsignedInt(fields.getShort(2));
        if (channels < 1 || channels > WavReader.MAX_CHANNELS) {
            throw new AudioFormatException(
                    name, "channels", "1 to " + WavReader.MAX_CHANNELS, channels);
        }
        int rate = fields.getInt(4);
        if (rate < WavReader.MIN_SAMPLE_RATE || rate > WavReader.MAX_SAMPLE_RATE) {
            throw new AudioFormatException(
                    name,
                    "sample rate",
                    "%d to %d Hz".formatted(WavReader.MIN_SAMPLE_RATE, WavReader.MAX_SAMPLE_RATE),
                    Integer.toUnsignedString(rate) + " Hz");
        }
        int align = Short.toUnsignedInt(fields.getShort(12));
        if (align != 2 * channels) {
            throw new AudioFormatException(name, "block align", 2 * channels, align);
        }
        return new WavHeader(rate, channels, 0, 0);
    }

    private static void skip(InputStream in, String name, String id, long bytes)
            throws IOException {
        try {
            in.skipNBytes(bytes);
        } catch (EOFException cut) {
            AudioFormatException error =
                    new AudioFormatException(
                            name,
                            "chunk '%s'".formatted(id),
                            bytes + " bytes",
                            "the end of the file");
            error.initCause(cut);
            throw error;
        }
    }

    private static void expectTag(
            String name, String field, String expected, byte[] bytes, int offset)
            throws AudioFormatException {
        String found = tag(bytes, offset);
        if (!found.equals(expected)) {
            throw new AudioFormatException(name, field, expected, "'" + found + "'");
        }
    }

    /** Four characters, whatever is not printable as a dot. */
    private static String tag(byte[] bytes, int offset) {
        return new String(bytes, offset, 4, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
