package org.flinksigmoid.kernels.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WavReaderTest {
    @TempDir Path folder;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        WavFile file = new WavFile(8000, Sounds.speechLike(1, 40_001));
        Path path = folder.resolve("a.wav");
        file.write(path);
        assertThat(WavFile.read(path)).isEqualTo(file);
    }

    @Test
    void otherChunksAndTheirPaddingAreSkipped() throws IOException {
        byte[] wav =
                riff(
                        chunk("JUNK", new byte[3]),
                        new byte[] {0},
                        chunk("fmt ", format(1, 2, 44_100, 16)),
                        chunk("LIST", new byte[10]),
                        chunk("data", pcm(1, -2, 3, -4)));
        assertThat(read(wav, 1)).isEqualTo(new WavFile(44_100, new short[] {-2, -4}));
        assertThat(read(wav, 0)).isEqualTo(new WavFile(44_100, new short[] {1, 3}));
    }

    @Test
    void extensibleFormatIsRead() throws IOException {
        byte[] wav = riff(chunk("fmt ", extensible(1)), chunk("data", pcm(32767, -32768)));
        assertThat(read(wav, WavReader.MONO_ONLY))
                .isEqualTo(new WavFile(8000, new short[] {32767, -32768}));
        assertRefused(
                riff(chunk("fmt ", extensible(3)), chunk("data", pcm(1))),
                "x.wav: sample format: expected PCM (1), found floating point (3); convert to"
                        + " 16-bit PCM");
        byte[] strange = extensible(1);
        strange[39] = 0;
        assertRefused(
                riff(chunk("fmt ", strange), chunk("data", pcm(1))),
                "x.wav: sub-format: expected PCM, found an unknown one; convert to 16-bit PCM");
    }

    @Test
    void sizeLeftOpenMeansToTheEnd() throws IOException {
        for (int open : new int[] {-1, Integer.MAX_VALUE, 0x7ffff000}) {
            byte[] wav = mono(pcm(1, 2, 3));
            ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN).putInt(40, open);
            assertThat(read(wav, WavReader.MONO_ONLY).samples()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void samplesOfARecorderThatWasKilledAreRead() throws IOException {
        for (int whole : new int[] {0, 36, -1}) {
            byte[] wav = mono(pcm(1, 2, 3));
            ByteBuffer sizes = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
            sizes.putInt(4, whole).putInt(40, 0);
            assertThat(read(wav, WavReader.MONO_ONLY).samples()).containsExactly(1, 2, 3);
            assertRefused(
                    Arrays.copyOf(wav, 44),
                    "x.wav: data chunk: expected at least one sample, found 0 bytes");
        }
    }

    @Test
    void emptyDataOfAFileThatWasFinishedIsNotReadBeyond() throws IOException {
        byte[] wav =
                riff(
                        chunk("fmt ", format(1, 1, 8000, 16)),
                        chunk("data", new byte[0]),
                        chunk("LIST", new byte[10]));
        assertRefused(wav, "x.wav: data chunk: expected at least one sample, found 0 bytes");
    }

    @Test
    void fileCutShortIsRefusedWithBothSizes() throws IOException {
        byte[] cut = Arrays.copyOf(mono(new byte[16_000]), 12_044);
        assertRefused(
                cut,
                "x.wav: data chunk: expected 16000 bytes, found 12000 bytes: the file is cut"
                        + " short");
        Path file = folder.resolve("x.wav");
        Files.write(file, cut);
        assertThatThrownBy(() -> WavReader.open(file, WavReader.MONO_ONLY))
                .hasMessage(
                        file
                                + ": data chunk: expected 16000 bytes, found 12000 bytes: the file"
                                + " is cut short");
    }

    @Test
    void everyWholeSampleOfACutStreamComesBeforeTheError() throws IOException {
        byte[] cut = Arrays.copyOf(mono(new byte[16_000]), 44 + 101);
        short[] samples = new short[100];
        try (WavReader reader =
                WavReader.open(new ByteArrayInputStream(cut), "x.wav", WavReader.MONO_ONLY)) {
            int read = 0;
            while (read < 50) {
                read += reader.read(samples, read, samples.length - read);
            }
            assertThatThrownBy(() -> reader.read(samples, 50, 50))
                    .isInstanceOf(AudioFormatException.class)
                    .hasMessageContaining("expected 16000 bytes, found 101 bytes");
        }
    }

    @Test
    void whatIsNoSuchFileIsRefusedByName() {
        assertRefused(new byte[0], "x.wav: file: expected a RIFF header, found 0 bytes");
        assertRefused(
                new byte[5], "x.wav: header: expected 12 bytes of RIFF header, found 5 bytes");
        assertRefused(
                "ID3 is no sound here".getBytes(StandardCharsets.US_ASCII),
                "x.wav: container: expected RIFF, found 'ID3 '");
        assertRefused(
                "RIFF....AVI ....".getBytes(StandardCharsets.US_ASCII),
                "x.wav: form type: expected WAVE, found 'AVI '");
        assertRefused(
                riff(), "x.wav: fmt chunk: expected one, found the end of the file after 12 bytes");
        assertRefused(
                riff(chunk("fmt ", format(1, 1, 8000, 16))),
                "x.wav: data chunk: expected one, found the end of the file after 36 bytes");
        assertRefused(
                riff(chunk("data", pcm(1))),
                "x.wav: chunks: expected fmt before data, found data first");
    }

    @Test
    void otherSampleFormatsAreRefusedByName() {
        assertFormatRefused(
                format(3, 1, 8000, 32),
                "sample format: expected PCM (1), found floating point (3); convert to 16-bit PCM");
        assertFormatRefused(
                format(6, 1, 8000, 8),
                "sample format: expected PCM (1), found format tag 6; convert to 16-bit PCM");
        assertFormatRefused(
                format(1, 1, 8000, 24),
                "bits per sample: expected 16, found 24; convert to 16-bit PCM");
        assertFormatRefused(
                format(1, 2, 8000, 16),
                "channels: expected 1, found 2; choose one, counted from 0");
        assertFormatRefused(format(1, 0, 8000, 16), "channels: expected 1 to 64, found 0");
        assertFormatRefused(
                format(1, 1, 999, 16), "sample rate: expected 1000 to 384000 Hz, found 999 Hz");
        assertFormatRefused(
                format(1, 1, -1, 16),
                "sample rate: expected 1000 to 384000 Hz, found 4294967295 Hz");
        assertFormatRefused(new byte[14], "fmt chunk: expected 16 to 4096 bytes, found 14 bytes");
        byte[] misaligned = format(1, 1, 8000, 16);
        misaligned[12] = 4;
        assertFormatRefused(misaligned, "block align: expected 2, found 4");
    }

    @Test
    void hostileChunkSizesEndInAnErrorNotInMemory() {
        byte[] wav = riff(chunk("LIST", new byte[4]));
        ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN).putInt(16, -2);
        assertRefused(
                wav, "x.wav: chunk 'LIST': expected 4294967294 bytes, found the end of the file");
        byte[] format = riff(chunk("fmt ", format(1, 1, 8000, 16)));
        ByteBuffer.wrap(format).order(ByteOrder.LITTLE_ENDIAN).putInt(16, 0x7fffffff);
        assertRefused(
                format, "x.wav: fmt chunk: expected 16 to 4096 bytes, found 2147483647 bytes");
    }

    @Test
    void sizesThatHoldNoWholeSampleAreRefused() throws IOException {
        assertRefused(
                mono(new byte[0]),
                "x.wav: data chunk: expected at least one sample, found 0 bytes");
        assertRefused(
                mono(new byte[5]),
                "x.wav: data chunk: expected a multiple of 2 bytes, found 5 bytes");
    }

    @Test
    void channelThatIsNotThereIsRefused() {
        byte[] wav = mono(pcm(1, 2));
        assertThatThrownBy(() -> read(wav, 1))
                .hasMessage("x.wav: channel: expected 0 to 0, found 1");
    }

    @Test
    void rawSamplesAreReadInAnyPieces() throws IOException {
        byte[] bytes = pcm(1, 2, 3, 4, 5, 6);
        try (RawPcmReader reader =
                new RawPcmReader(new ByteArrayInputStream(bytes), "stdin", 16_000, 2, 1)) {
            short[] target = new short[4];
            assertThat(reader.read(target, 1, 1)).isEqualTo(1);
            assertThat(reader.read(target, 2, 2)).isEqualTo(2);
            assertThat(target).containsExactly(0, 2, 4, 6);
            assertThat(reader.read(target, 0, 4)).isEqualTo(-1);
        }
    }

    @Test
    void rawSamplesThatEndInTheMiddleOfOneAreReported() {
        byte[] bytes = Arrays.copyOf(pcm(1, 2), 3);
        assertThatThrownBy(
                        () ->
                                new RawPcmReader(
                                                new ByteArrayInputStream(bytes),
                                                "stdin",
                                                8000,
                                                1,
                                                0)
                                        .readAll())
                .hasMessage("stdin: size: expected a multiple of 2 bytes, found 3 bytes");
        assertThatThrownBy(
                        () ->
                                new RawPcmReader(
                                        new ByteArrayInputStream(bytes), "stdin", 8000, 1, 1))
                .hasMessage("stdin: channel: expected 0 to 0, found 1");
    }

    private static void assertRefused(byte[] wav, String message) {
        ThrowingCallable reading = () -> read(wav, WavReader.MONO_ONLY);
        assertThatThrownBy(reading).isInstanceOf(AudioFormatException.class).hasMessage(message);
    }

    private static void assertFormatRefused(byte[] format, String message) {
        assertRefused(riff(chunk("fmt ", format), chunk("data", pcm(1, 2))), "x.wav: " + message);
    }

    private static WavFile read(byte[] wav, int channel) throws IOException {
        try (WavReader reader = WavReader.open(new ByteArrayInputStream(wav), "x.wav", channel)) {
            return new WavFile(reader.sampleRate(), reader.readAll());
        }
    }

    private static byte[] mono(byte[] data) {
        return riff(chunk("fmt ", format(1, 1, 8000, 16)), chunk("data", data));
    }

    private static byte[] riff(byte[]... chunks) {
        int size = Arrays.stream(chunks).mapToInt(chunk -> chunk.length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(12 + size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(4 + size);
        bytes.put("WAVE".getBytes(StandardCharsets.US_ASCII));
        for (byte[] chunk : chunks) {
            bytes.put(chunk);
        }
        return bytes.array();
    }

    private static byte[] chunk(String id, byte[] content) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + content.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(id.getBytes(StandardCharsets.US_ASCII)).putInt(content.length).put(content);
        return bytes.array();
    }

    private static byte[] format(int tag, int channels, int rate, int bits) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        int align = channels * bits / 8;
        bytes.putShort((short) tag).putShort((short) channels).putInt(rate);
        bytes.putInt(rate * align).putShort((short) align).putShort((short) bits);
        return bytes.array();
    }

    private static byte[] extensible(int tag) {
        ByteBuffer bytes = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(format(0xfffe, 1, 8000, 16)).putShort((short) 22).putShort((short) 16).putInt(4);
        bytes.putShort((short) tag).putShort((short) 0).putInt(0x00100000);
        bytes.putInt(0xaa000080).putInt(0x719b3800);
        return bytes.array();
    }

    private static byte[] pcm(int... samples) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int sample : samples) {
            bytes.putShort((short) sample);
        }
        return bytes.array();
    }
}
