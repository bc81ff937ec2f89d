package org.flinksigmoid.operators.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The same texts through the same function in batches of 64: in a plain loop, and through the
 * operator (keyed, 200 keys, in order) at saturation. The operator's thread does everything but
 * inference, so what it costs shows only where it keeps the device thread waiting.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 2,
        jvmArgs = {"@../pipelines/src/main/dist/conf/jvm.options"})
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class OperatorBenchmark {
    private static final int RECORDS = 1024;
    private static final int BATCH = 64;

    /** The model's layers; width 144, so that 1 is a tiny model and 5 that of the shipped ones. */
    @Param({"1", "5"})
    public int layers;

    private Path folder;
    private final List<StreamRecord<TextMessage>> records = new ArrayList<>();
    private TextInference<TextMessage, Score> function;

    /** Writes a model with random weights. */
    @Setup(Level.Trial)
    public void prepare() throws Exception {
        folder = Files.createTempDirectory("operator-benchmark");
        TinyCheckpoint.text("text-classification")
                .with(
                        """
                        {"hidden_size": 144, "num_attention_heads": 4, "intermediate_size": 576,
                         "num_hidden_layers": %d}\
                        """
                                .formatted(layers))
                .write(folder);
        Random random = new Random(1);
        for (int i = 0; i < RECORDS; i++) {
            String text = "x".repeat(8 + random.nextInt(32));
            records.add(new StreamRecord<>(new TextMessage("k" + i % 200, "" + i, text, i), i));
        }
        function = function();
        function.open(new MockStreamingRuntimeContext(1, 0));
        if (loop() != RECORDS || operator() != RECORDS) {
            throw new IllegalStateException("records were lost");
        }
    }

    private TextInference<TextMessage, Score> function() {
        // one thread for the engine: the other is the task's
        return TextInference.messages(folder.toString(), ModelOptions.defaults().withThreads(1));
    }

    /** Closes the model and deletes it. */
    @TearDown(Level.Trial)
    public void cleanUp() throws IOException {
        function.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** Batches in a plain loop. */
    @Benchmark
    public int loop() throws Exception {
        int results = 0;
        for (int from = 0; from < RECORDS; from += BATCH) {
            List<TextMessage> batch =
                    records.subList(from, from + BATCH).stream()
                            .map(StreamRecord::getValue)
                            .toList();
            results += function.infer(batch).size();
        }
        return results;
    }

    /** The same records through the operator. */
    @Benchmark
    public int operator() throws Exception {
        var inference =
                MicroBatchInference.of(function(), Score.class)
                        .maxBatchSize(BATCH)
                        .batchTimeout(Duration.ofMillis(100));
        try (var harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        inference.factory(), TextMessage::key, Types.STRING, 128, 1, 0)) {
            harness.getStreamConfig()
                    .setupNetworkInputs(
                            TypeInformation.of(TextMessage.class)
                                    .createSerializer(new SerializerConfigImpl()));
            harness.getStreamConfig().serializeAllConfigs();
            harness.setup(
                    TypeInformation.of(Score.class).createSerializer(new SerializerConfigImpl()));
            harness.open();
            for (StreamRecord<TextMessage> record : records) {
                harness.processElement(record);
            }
            harness.endInput();
            return harness.getOutput().size();
        }
    }
}
