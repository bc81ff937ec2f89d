package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.flinksigmoid.kernels.audio.MelConfig;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.junit.jupiter.api.Test;

class WindowStateTest {
    private final SpeechFrontEnd frontEnd = new SpeechFrontEnd(PreprocessorConfig.DIGITS);

    @Test
    void streamStateWithAudioOfVersions1To3IsRead() throws IOException {
        assertThat(write(track())).isEqualTo(resource("stream-track-v1-audio-v3.bin"));
        for (String name :
                List.of(
                        "stream-track-v1.bin",
                        "stream-track-v1-audio-v2.bin",
                        "stream-track-v1-audio-v3.bin")) {
            StreamTrack track = read(resource(name));
            assertThat(track.audio(frontEnd).samples()).isEqualTo(3);
            assertThat(write(track)).isEqualTo(write(track()));
        }
    }

    @Test
    void transcriptStateOfVersions1And2IsRead() throws IOException {
        TranscriptState state = new TranscriptState(1, 2, 3, 4, 5, "6", new byte[] {1, 2, 3}, 7);
        byte[] bytes = TranscriptStateSerializer.INSTANCE.toBytes(state);
        assertThat(bytes).isEqualTo(resource("transcript-state-v2.bin"));
        assertThat(TranscriptStateSerializer.INSTANCE.fromBytes(bytes))
                .usingRecursiveComparison()
                .isEqualTo(state);
        assertThat(
                        TranscriptStateSerializer.INSTANCE.fromBytes(
                                resource("transcript-state-v1.bin")))
                .usingRecursiveComparison()
                .isEqualTo(
                        new TranscriptState(
                                1, 2, 3, 4, 5, "6", new byte[] {1, 2, 3}, TranscriptState.UNKNOWN));
    }

    @Test
    void gapOfVersion1IsStillRead() throws IOException {
        AudioGap gap = new AudioGap("a", 1, 2, 3, true);
        assertThat(AudioGapSerializer.INSTANCE.toBytes(gap))
                .isEqualTo(resource("audio-gap-v1.bin"));
        assertThat(AudioGapSerializer.INSTANCE.fromBytes(resource("audio-gap-v1.bin")))
                .isEqualTo(gap);
    }

    @Test
    void copyIsIndependent() throws IOException {
        StreamTrack track = track();
        byte[] before = write(track);
        StreamTrack copy = StreamTrackSerializer.INSTANCE.copy(track);
        copy.audio(frontEnd).accept(new short[1000], 0, 1000, window -> {});
        copy.order.hold(new AudioChunk("a", 90, 0, 8000, new short[1], false));
        assertThat(write(track)).isEqualTo(before);
        assertThat(write(copy)).isNotEqualTo(before);
    }

    @Test
    void audioThatAnotherFrontEndHeardIsRefusedWithWhatToDo() throws IOException {
        StreamTrack restored = read(write(track()));
        PreprocessorConfig other =
                new PreprocessorConfig(
                        960,
                        new MelConfig(8000, 200, 80, 256, 20, 60.0, 3800.0, 1e-10),
                        PreprocessorConfig.DIGITS.level(),
                        PreprocessorConfig.DIGITS.streaming());
        assertThatThrownBy(() -> restored.audio(new SpeechFrontEnd(other)))
                .hasMessageContaining("this model can't go on from")
                .hasMessageContaining("expected 20 bands, found 40")
                .hasMessageContaining("flink stop --drain");
    }

    @Test
    void aDecoderOfOtherLabelsIsRefusedWithWhatToDo() {
        StreamDecoder five = decoder("_", "1", "2", "3", "4");
        WindowLogProbs window = new WindowLogProbs("a", 0, 0, 0, 4, false, 0, 5, new float[5]);
        TranscriptState state = five.begin(window);
        List<Transcript> results = new ArrayList<>();
        assertThatThrownBy(() -> decoder("_", "1").finish(state, "a", results))
                .hasMessageContaining("this model can't go on from")
                .hasMessageContaining("expected 2 classes, found 5")
                .hasMessageContaining("flink stop --drain");
    }

    @Test
    void aDecoderOfAsManyOtherLabelsIsRefusedToo() {
        StreamDecoder german = decoder("_", "eins", "zwei");
        WindowLogProbs window = new WindowLogProbs("a", 0, 0, 0, 4, false, 0, 3, new float[3]);
        List<Transcript> results = new ArrayList<>();
        TranscriptState state = german.accept(german.begin(window), window, results);
        german.finish(state, "a", results);
        assertThat(results).last().matches(Transcript::isFinal);
        assertThatThrownBy(() -> decoder("_", "one", "two").finish(state, "a", results))
                .hasMessageContaining("this model can't go on from")
                .hasMessageContaining("labels [_, one, two]");
    }

    private static StreamDecoder decoder(String... labels) {
        return new StreamDecoder(
                PreprocessorConfig.DIGITS, new CtcLabels(List.of(labels), 0), false);
    }

    @Test
    void damagedStateIsRefused() throws IOException {
        byte[] bytes = write(track());
        byte[] newer = bytes.clone();
        newer[4] = 2;
        assertThatThrownBy(() -> read(newer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected version 1, found 2");
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        longer[3]++;
        assertThatThrownBy(() -> read(longer)).hasMessageContaining("1 trailing bytes");
        byte[] huge = bytes.clone();
        huge[0] = 0x7f;
        assertThatThrownBy(() -> read(huge)).hasMessageContaining("expected a length of");
        assertThatThrownBy(() -> read(Arrays.copyOf(bytes, bytes.length - 1)))
                .isInstanceOf(IOException.class);
    }

    private StreamTrack track() {
        StreamTrack track = new StreamTrack();
        track.order.hold(new AudioChunk("a", 3, 5000, 8000, new short[] {1, -2}, false));
        track.order.giveUp();
        track.order.take();
        track.order.hold(new AudioChunk("a", 7, 5100, 8000, new short[] {3}, true));
        track.openAudio(frontEnd.open(8000), 5000);
        track.audio(frontEnd).accept(new short[] {1, -2, 3}, 0, 3, window -> {});
        track.missingChunks = 3;
        track.gapMillis = 40;
        track.timer = 6100;
        return track;
    }

    private static byte[] write(StreamTrack track) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        StreamTrackSerializer.INSTANCE.serialize(track, out);
        return out.getCopyOfBuffer();
    }

    private static StreamTrack read(byte[] bytes) throws IOException {
        return StreamTrackSerializer.INSTANCE.deserialize(new DataInputDeserializer(bytes));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = WindowStateTest.class.getResourceAsStream("/state/" + name)) {
            if (in == null) {
                throw new IOException("no test resource state/" + name);
            }
            return in.readAllBytes();
        }
    }
}
