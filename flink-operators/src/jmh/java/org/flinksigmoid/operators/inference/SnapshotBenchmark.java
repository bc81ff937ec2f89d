package org.flinksigmoid.operators.inference;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.FileUtils;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A snapshot to files with 10,000 windows of 6 KB in flight, 200 keys, while a call runs, until all
 * 60 MB are written. Each fork is a fresh JVM: the first of its five snapshots is the cold one.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgs = {"@../pipelines/src/main/dist/conf/jvm.options", "-Xmx1g"})
@Warmup(iterations = 0)
@Measurement(iterations = 5)
public class SnapshotBenchmark {
    private static final int RECORDS = 10_000;
    private static final int FRAMES = 38;

    private KeyedOneInputStreamOperatorTestHarness<String, FeatureWindow, String> harness;
    private long checkpoint;
    private Path folder;

    /** Answers when it is told to. */
    private static final class Stuck implements InferenceFunction<FeatureWindow, String> {
        private static final CountDownLatch END = new CountDownLatch(1);

        @Override
        public List<String> infer(List<FeatureWindow> batch) throws InterruptedException {
            END.await();
            return batch.stream().map(FeatureWindow::streamId).toList();
        }
    }

    /** Fills the operator. */
    @Setup
    public void fill() throws Exception {
        var inference =
                MicroBatchInference.of(new Stuck(), Types.STRING)
                        .maxInFlight(RECORDS + 1)
                        .batchTimeout(Duration.ofDays(1));
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        inference.factory(), FeatureWindow::streamId, Types.STRING, 128, 1, 0);
        harness.getStreamConfig()
                .setupNetworkInputs(
                        TypeInformation.of(FeatureWindow.class)
                                .createSerializer(new SerializerConfigImpl()));
        harness.getStreamConfig().serializeAllConfigs();
        folder = Files.createTempDirectory("snapshots");
        harness.setCheckpointStorage(new FileSystemCheckpointStorage(folder.toUri()));
        harness.setup(Types.STRING.createSerializer(new SerializerConfigImpl()));
        harness.open();
        for (int i = 0; i < RECORDS; i++) {
            float[] features = new float[FRAMES * 40];
            features[i % features.length] = i;
            harness.processElement(
                    new StreamRecord<>(
                            new FeatureWindow(
                                    "stream-" + i % 200, i, 0, 0, FRAMES, 40, features, false, 0),
                            i));
        }
    }

    /** Takes a snapshot. */
    @Benchmark
    public OperatorSubtaskState snapshot() throws Exception {
        checkpoint++;
        return harness.snapshot(checkpoint, checkpoint);
    }

    /** Lets the call end. */
    @TearDown
    public void close() throws Exception {
        Stuck.END.countDown();
        harness.close();
        FileUtils.deleteDirectory(folder.toFile());
    }
}
