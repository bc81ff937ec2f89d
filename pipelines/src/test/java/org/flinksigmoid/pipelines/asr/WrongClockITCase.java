package org.flinksigmoid.pipelines.asr;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.source.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job of {@link AsrTopology#build}, two of whose callers send. */
class WrongClockITCase {
    private static final long NOW = 1_700_000_000_000L;
    private static final int CHUNK_MILLIS = 100;
    private static final int CHUNKS = 120;

    /** Which chunk has a time ten years on. */
    private static final int WRONG = 40;

    /** A thousand times what the source takes to have a watermark to emit as it goes on. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    @TempDir private Path folder;

    @Test
    void aCallersWrongClockMakesNoOtherCallLate() throws Exception {
        Path model = TinyCheckpoint.speech().write(folder.resolve("model"));
        List<Transcript> transcripts = new CopyOnWriteArrayList<>();
        List<BadInput> problems = new CopyOnWriteArrayList<>();
        try (LocalSink<Transcript> sink = LocalSink.to(Transcript.class, transcripts::add);
                LocalSink<BadInput> reports = LocalSink.to(BadInput.class, problems::add)) {
            StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
            env.getConfig().setAutoWatermarkInterval(1);
            AsrTopology.Results results =
                    AsrTopology.build(env, calls(), sink, AsrOptions.of(model));
            results.problems().sinkTo(reports);
            env.execute();
        }

        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst().toString()).contains("wrong");
        assertThat(transcripts)
                .filteredOn(each -> each.streamId().equals("right") && each.endOfStream())
                .singleElement()
                .satisfies(
                        last ->
                                assertThat(last.endMillis())
                                        .isGreaterThan(NOW + WRONG * CHUNK_MILLIS));
    }

    /**
     * A second caller sends one chunk, the first one all the others. Watermarks come before it and
     * behind it, however fast the others are.
     */
    private static DataGeneratorSource<AudioChunk> calls() {
        return new DataGeneratorSource<>(
                number -> chunk(Math.toIntExact(number)),
                CHUNKS,
                TypeInformation.of(AudioChunk.class));
    }

    private static AudioChunk chunk(int number) throws InterruptedException {
        if (number == WRONG - 1 || number == WRONG + 1) {
            Thread.sleep(PAUSE);
        }
        if (number == WRONG) {
            long wrong = NOW + Duration.ofDays(3650).toMillis();
            return new AudioChunk("wrong", 0, wrong, 8000, new short[800], true);
        }
        int sequence = number < WRONG ? number : number - 1;
        short[] samples = new short[800];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) (8000 * Math.sin(0.3 * i));
        }
        return new AudioChunk(
                "right",
                sequence,
                NOW + (long) sequence * CHUNK_MILLIS,
                8000,
                samples,
                number == CHUNKS - 1);
    }
}
