package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.SpeechInference;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Stored speech in Flink's batch mode, where timers fire once, at the end of their key. */
class BatchModeITCase {
    private static final int CHUNKS = 50;

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    @TempDir private Path folder;

    /** Some streams say that they end, some just do; of some a chunk is missing. */
    private static List<AudioChunk> chunks() {
        List<AudioChunk> chunks = new ArrayList<>();
        Random random = new Random(1);
        for (int stream = 0; stream < 8; stream++) {
            for (int i = 0; i < CHUNKS; i++) {
                short[] samples = new short[800];
                for (int j = 0; j < samples.length; j++) {
                    samples[j] = (short) (random.nextGaussian() * 3000);
                }
                boolean last = stream % 2 == 0 && i == CHUNKS - 1;
                if (stream % 4 > 1 || i != 20) {
                    chunks.add(new AudioChunk("s" + stream, i, i * 100L, 8000, samples, last));
                }
            }
        }
        return chunks;
    }

    /** Final texts of each stream, the last marked where it says that it is. */
    private Map<String, List<String>> hear(RuntimeExecutionMode mode) throws Exception {
        try (StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(
                        new Configuration().set(ExecutionOptions.RUNTIME_MODE, mode))) {
            env.setParallelism(2);
            DataStream<AudioChunk> chunks =
                    env.fromData(chunks(), TypeInformation.of(AudioChunk.class))
                            .assignTimestampsAndWatermarks(
                                    WatermarkStrategy.<AudioChunk>forBoundedOutOfOrderness(
                                                    Duration.ofMinutes(1))
                                            .withTimestampAssigner(
                                                    (chunk, before) -> chunk.timestampMillis()));
            PreprocessorConfig frontEnd = PreprocessorConfig.read(folder);
            DataStream<FeatureWindow> windows = SpeechWindows.of(frontEnd).apply(chunks);
            SingleOutputStreamOperator<WindowLogProbs> encoded =
                    MicroBatchInference.of(
                                    new SpeechInference(folder.toString(), ModelOptions.defaults()),
                                    WindowLogProbs.class)
                            .apply(windows.keyBy(FeatureWindow::streamId));
            DataStream<Transcript> transcripts =
                    TranscriptAssembler.of(frontEnd, CtcLabels.DIGITS)
                            .partials(false)
                            .apply(encoded.filter(BatchModeITCase::isNotLost));
            Map<String, List<String>> texts = new TreeMap<>();
            try (CloseableIterator<Transcript> heard = transcripts.executeAndCollect()) {
                heard.forEachRemaining(
                        transcript ->
                                texts.computeIfAbsent(
                                                transcript.streamId(), any -> new ArrayList<>())
                                        .add(
                                                transcript.text()
                                                        + (transcript.endOfStream() ? "." : "")));
            }
            return texts;
        }
    }

    /** The last window of a stream is. */
    private static boolean isNotLost(WindowLogProbs window) {
        return !(window.last() && window.streamId().equals("s0"));
    }

    @Test
    void streamsAreHeardToTheirEndsAsInStreamingMode() throws Exception {
        TinyCheckpoint.speech().write(folder);
        Map<String, List<String>> heard = hear(RuntimeExecutionMode.BATCH);
        assertThat(heard).isEqualTo(hear(RuntimeExecutionMode.STREAMING)).hasSize(8);
        assertThat(heard.values()).allMatch(texts -> texts.getLast().endsWith("."));
    }
}
