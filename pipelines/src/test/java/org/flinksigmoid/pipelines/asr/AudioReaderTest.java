package org.flinksigmoid.pipelines.asr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.flinksigmoid.kernels.audio.WavFile;
import org.flinksigmoid.kernels.audio.WavReader;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AudioReaderTest {
    @TempDir private Path folder;

    private final List<BadInput> bad = new ArrayList<>();

    @Test
    void partsAndSilenceComeAsOneStreamOfEqualChunks() throws IOException {
        String first = wav("a.wav", 8000, 1000);
        String second = wav("b.wav", 8000, 500);
        List<AudioChunk> chunks = read("silence:300", first, "silence:10", second, "silence:7");
        assertThat(chunks).extracting(c -> c.samples().length).containsExactly(800, 800, 217);
        assertThat(chunks).extracting(AudioChunk::sequence).containsExactly(0L, 1L, 2L);
        assertThat(chunks)
                .extracting(AudioChunk::timestampMillis)
                .containsExactly(5000L, 5100L, 5200L);
        assertThat(chunks).extracting(AudioChunk::last).containsExactly(false, false, true);
        assertThat(samples(chunks))
                .containsExactly(
                        join(new short[300], ramp(1000), new short[10], ramp(500), new short[7]));
    }

    @Test
    void aStreamOfWholeChunksEndsWithAnEmptyOne() throws IOException {
        List<AudioChunk> chunks = read(wav("a.wav", 16000, 3200));
        assertThat(chunks).extracting(c -> c.samples().length).containsExactly(1600, 1600, 0);
        assertThat(chunks.getLast().last()).isTrue();
    }

    @Test
    void aStreamThatBreaksOffIsReportedAndEndsAfterWhatWasRead() throws IOException {
        String good = wav("a.wav", 8000, 900);
        String cut = wav("b.wav", 8000, 900);
        Files.write(Path.of(cut), Arrays.copyOf(Files.readAllBytes(Path.of(cut)), 100));
        List<AudioChunk> chunks = read(good, cut);
        assertThat(chunks).extracting(c -> c.samples().length).containsExactly(800, 100, 0);
        assertThat(samples(chunks)).containsExactly(ramp(900));
        assertThat(chunks).extracting(AudioChunk::last).containsExactly(false, false, true);
        assertThat(bad).hasSize(1);
        assertThat(bad.getFirst().input()).isEqualTo("stream");
        assertThat(bad.getFirst().reason()).contains("b.wav").contains("cut short");
    }

    @Test
    void aPartThatIsNoFileIsNotOpened() throws IOException {
        Path folderOrPipe = Files.createDirectory(folder.resolve("a.wav"));
        assertThatThrownBy(() -> read(folderOrPipe.toString()))
                .isInstanceOf(IOException.class)
                .hasMessage(folderOrPipe + ": expected an audio file, found what is no file");
    }

    @Test
    void partsOfDifferentRatesAreReported() throws IOException {
        read(wav("a.wav", 8000, 900), wav("b.wav", 16000, 900));
        assertThat(bad.getFirst().reason()).contains("8000 Hz").contains("16000 Hz");
    }

    @Test
    void rawFilesAreReadAtTheGivenRate() throws IOException {
        Path raw = folder.resolve("a.raw");
        Files.write(raw, new byte[] {1, 0, 2, 0, 0, -128});
        AudioFormat format = new AudioFormat(20, WavReader.MONO_ONLY, 16000, 1);
        List<AudioChunk> chunks = read(format, raw.toString());
        assertThat(chunks).hasSize(1);
        assertThat(chunks.getFirst().sampleRate()).isEqualTo(16000);
        assertThat(chunks.getFirst().samples()).containsExactly(1, 2, -32768);
    }

    @Test
    void theLongestChunkOfTheHighestRateIsOneChunk() throws IOException {
        AudioFormat format = new AudioFormat(10_000, WavReader.MONO_ONLY, 8000, 1);
        assertThat(read(format, wav("a.wav", 384_000, 3000))).hasSize(1);
    }

    @Test
    void aLiveStreamThatStandsStillWhileOthersGoOnGoesOnWhereTheyAre() throws IOException {
        AtomicLong others = new AtomicLong(60_000);
        StreamInput input = new StreamInput("stream", List.of(wav("a.wav", 8000, 3200)));
        List<Long> times = new ArrayList<>();
        try (RecordReader<AudioChunk> reader =
                AudioFormat.DEFAULT.openLive(new StreamSplit(input, 0, 0, 5000), others::get)) {
            times.add(reader.next().orElseThrow().timestampMillis());
            others.set(63_000); // not far
            times.add(reader.next().orElseThrow().timestampMillis());
            others.set(90_000);
            times.add(reader.next().orElseThrow().timestampMillis());
            times.add(reader.next().orElseThrow().value().left().timestampMillis());
        }
        assertThat(times).containsExactly(60_000L, 60_100L, 90_000L, 90_100L);
    }

    @Test
    void silenceAloneIsNoStream() {
        assertThatThrownBy(() -> read("silence:100")).hasMessageContaining("nothing but silence");
    }

    private List<AudioChunk> read(String... parts) throws IOException {
        return read(AudioFormat.DEFAULT, parts);
    }

    private List<AudioChunk> read(AudioFormat format, String... parts) throws IOException {
        StreamSplit split = new StreamSplit(new StreamInput("stream", List.of(parts)), 0, 0, 5000);
        List<AudioChunk> chunks = new ArrayList<>();
        try (RecordReader<AudioChunk> reader = format.open(split)) {
            for (Optional<RecordReader.Item<AudioChunk>> item = reader.next();
                    item.isPresent();
                    item = reader.next()) {
                if (item.get().value().isLeft()) {
                    chunks.add(item.get().value().left());
                } else {
                    bad.add(item.get().value().right());
                }
            }
        }
        return chunks;
    }

    private String wav(String name, int rate, int samples) throws IOException {
        Path file = folder.resolve(name);
        new WavFile(rate, ramp(samples)).write(file);
        return file.toString();
    }

    private static short[] ramp(int samples) {
        short[] ramp = new short[samples];
        for (int i = 0; i < samples; i++) {
            ramp[i] = (short) (i + 1);
        }
        return ramp;
    }

    private static short[] samples(List<AudioChunk> chunks) {
        return join(chunks.stream().map(AudioChunk::samples).toArray(short[][]::new));
    }

    private static short[] join(short[]... arrays) {
        int size = Arrays.stream(arrays).mapToInt(a -> a.length).sum();
        short[] joined = new short[size];
        int at = 0;
        for (short[] array : arrays) {
            System.arraycopy(array, 0, joined, at, array.length);
            at += array.length;
        }
        return joined;
    }
}
