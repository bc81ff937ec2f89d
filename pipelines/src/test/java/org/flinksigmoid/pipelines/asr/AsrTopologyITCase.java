package org.flinksigmoid.pipelines.asr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.pipelines.Recordings;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.sink.JsonLines;
import org.flinksigmoid.pipelines.source.InputSource;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsrTopologyITCase {
    /** Shared with the job's tasks, which run in this JVM. */
    private static final AtomicBoolean FAILED = new AtomicBoolean();

    /** The same; windows that the encoder has sent on. */
    private static final AtomicInteger WINDOWS = new AtomicInteger();

    /** Of the source between two chunks. */
    private static final AtomicInteger PAUSE_MILLIS = new AtomicInteger();

    /** So long that no job ends before it is stopped. */
    private static final int LONG_PAUSE_MILLIS = 200;

    @TempDir private Path folder;

    @BeforeEach
    void hurry() {
        PAUSE_MILLIS.set(4);
    }

    @Test
    void aFailureInMidStreamChangesNoTranscript() throws Exception {
        Path model = TinyCheckpoint.speech().write(folder.resolve("model"));
        List<StreamInput> inputs = recordings(4);
        FAILED.set(true);
        List<Transcript> undisturbed = run(inputs, model, 1);
        FAILED.set(false);
        List<Transcript> disturbed = run(inputs, model, 2);
        assertThat(FAILED).isTrue();
        assertThat(undisturbed).filteredOn(Transcript::endOfStream).hasSize(4);
        for (StreamInput input : inputs) {
            assertThat(texts(disturbed, input)).isEqualTo(texts(undisturbed, input));
        }
    }

    @Test
    void aSavepointGoesOnAtAnotherParallelism() throws Exception {
        Path model = TinyCheckpoint.speech().write(folder.resolve("model"));
        List<StreamInput> inputs = recordings(6);
        FAILED.set(true);
        List<Transcript> undisturbed = run(inputs, model, 1);
        for (int[] parallelism : new int[][] {{1, 3}, {3, 1}}) {
            Path files = folder.resolve("from" + parallelism[0]);
            AtomicInteger seen = new AtomicInteger();
            AtomicInteger pause = new AtomicInteger(LONG_PAUSE_MILLIS);
            try (LocalSink<Transcript> sink =
                    LocalSink.to(
                            Transcript.class,
                            transcript -> {
                                seen.incrementAndGet();
                                PAUSE_MILLIS.set(pause.get());
                            })) {
                JobClient first = start(inputs, model, parallelism[0], "", sink, files);
                while (seen.get() == 0) {
                    assertThat(first.getJobStatus().get().isTerminalState()).isFalse();
                    Thread.sleep(5);
                }
                String savepoint = stop(first);
                pause.set(4);
                hurry();
                assertThat(lines(files)).hasSizeLessThan(inputs.size());
                start(inputs, model, parallelism[1], savepoint, sink, files)
                        .getJobExecutionResult()
                        .get();
            }
            assertThat(lines(files)).containsExactlyInAnyOrderElementsOf(texts(undisturbed));
            assertThat(seen)
                    .as("results of a sink that commits nothing")
                    .hasValue(undisturbed.size());
        }
    }

    /** With as many bands and labels as before: nothing fails by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"front end", "labels"})
    void aSavepointWithOpenStreamsIsRefusedByAModelThatHearsThemOtherwise(String other)
            throws Exception {
        Path model = TinyCheckpoint.speech().write(folder.resolve("model"));
        TinyCheckpoint changed = TinyCheckpoint.speech();
        if (other.equals("labels")) {
            ((ObjectNode) changed.config.get("id2label")).put("1", "zero");
        }
        Path another = changed.write(folder.resolve("another"));
        if (other.equals("front end")) {
            Path config = another.resolve("preprocessor_config.json");
            String json = Files.readString(config);
            Files.writeString(config, json.replace("\"hop_length\": 80", "\"hop_length\": 100"));
        }
        Path file = folder.resolve("long.wav");
        Recordings.write(file, 8000, 800_000, 0);
        List<StreamInput> inputs = List.of(new StreamInput("long", List.of(file.toString())));
        FAILED.set(true);
        WINDOWS.set(0);
        PAUSE_MILLIS.set(40); // of forty seconds in all
        Path files = folder.resolve("files");
        try (LocalSink<Transcript> sink = LocalSink.to(Transcript.class, transcript -> {})) {
            JobClient first = start(inputs, model, 1, "", sink, files);
            while (WINDOWS.get() < 2) {
                assertThat(first.getJobStatus().get().isTerminalState()).isFalse();
                Thread.sleep(5);
            }
            JobClient second = start(inputs, another, 1, stop(first), sink, files);
            assertThatThrownBy(() -> second.getJobExecutionResult().get())
                    .hasStackTraceContaining("state of a stream that this model can't go on from");
        }
    }

    /** As after a failover on another day. */
    @Test
    void aModelOfOtherLabelsThatIsPutInTheSubmittedOnesPlaceIsRefused() throws Exception {
        Path model = TinyCheckpoint.speech().write(folder.resolve("model"));
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        var audio =
                new InputSource<>(recordings(1), AudioFormat.DEFAULT, InputSource.Options.fast())
                        .addTo(env, "audio", TypeInformation.of(AudioChunk.class));
        AsrTopology.transcribe(audio, AsrOptions.of(model)).transcripts().print();
        TinyCheckpoint other = TinyCheckpoint.speech();
        ((ObjectNode) other.config.get("id2label")).put("1", "zero");
        other.write(model);
        assertThatThrownBy(env::execute)
                .hasStackTraceContaining(
                        model + ": expected the front end and the labels that were there");
    }

    private String stop(JobClient job) throws Exception {
        String savepoints = folder.resolve("savepoints").toString();
        return job.stopWithSavepoint(false, savepoints, SavepointFormatType.CANONICAL).get();
    }

    private static JobClient start(
            List<StreamInput> inputs,
            Path model,
            int parallelism,
            String savepoint,
            LocalSink<Transcript> sink,
            Path files)
            throws Exception {
        StreamExecutionEnvironment env =
                EmbeddedFlink.environment(parallelism, Duration.ofMillis(30));
        if (!savepoint.isEmpty()) {
            Configuration recovery = new Configuration();
            recovery.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
            env.configure(recovery);
        }
        var audio =
                new InputSource<>(inputs, AudioFormat.DEFAULT, InputSource.Options.fast())
                        .addTo(env, "audio", TypeInformation.of(AudioChunk.class))
                        .map(new SlowlyAndFailOnce())
                        .uid("slowly");
        AsrTopology.Results results =
                AsrTopology.transcribe(audio, AsrOptions.of(model).withPartials(false));
        results.windows().filter(window -> WINDOWS.incrementAndGet() < 0).print();
        var transcripts = results.transcripts();
        transcripts.sinkTo(sink).uid("seen");
        JsonLines.write(transcripts, AsrTopologyITCase::text, files);
        return env.executeAsync();
    }

    private static String text(Transcript transcript) {
        return transcript.streamId() + ": " + transcript.text();
    }

    private static List<String> texts(List<Transcript> transcripts) {
        return transcripts.stream().map(AsrTopologyITCase::text).toList();
    }

    /** Lines of the complete files. */
    private static List<String> lines(Path files) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> all = Files.walk(files)) {
            for (Path file : all.filter(path -> path.toString().endsWith(".jsonl")).toList()) {
                if (!file.getFileName().toString().startsWith(".")) {
                    lines.addAll(Files.readAllLines(file));
                }
            }
        }
        return lines;
    }

    private List<StreamInput> recordings(int count) throws IOException {
        List<StreamInput> inputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path file = folder.resolve("r" + i + ".wav");
            Recordings.write(file, 8000, 40_000, i);
            inputs.add(new StreamInput("r" + i, List.of(file.toString())));
        }
        return inputs;
    }

    private static List<Transcript> run(List<StreamInput> inputs, Path model, int parallelism)
            throws Exception {
        StreamExecutionEnvironment env =
                EmbeddedFlink.environment(parallelism, Duration.ofMillis(30));
        Configuration restarting = new Configuration();
        restarting.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        restarting.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        restarting.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        env.configure(restarting);
        var audio =
                new InputSource<>(inputs, AudioFormat.DEFAULT, InputSource.Options.fast())
                        .addTo(env, "audio", TypeInformation.of(AudioChunk.class))
                        .map(new SlowlyAndFailOnce());
        List<Transcript> finals = new ArrayList<>();
        try (CloseableIterator<Transcript> transcripts =
                AsrTopology.transcribe(audio, AsrOptions.of(model).withPartials(false))
                        .transcripts()
                        .executeAndCollect()) {
            transcripts.forEachRemaining(finals::add);
        }
        return finals;
    }

    private static List<String> texts(List<Transcript> finals, StreamInput input) {
        return finals.stream()
                .filter(transcript -> transcript.streamId().equals(input.id()))
                .map(Transcript::text)
                .toList();
    }

    /** Lets checkpoints happen between chunks, and throws once behind the second one. */
    private static final class SlowlyAndFailOnce extends RichMapFunction<AudioChunk, AudioChunk>
            implements CheckpointListener {
        private static final long serialVersionUID = 1;
        private transient int completed;
        private transient int seen;

        @Override
        public void open(OpenContext context) {
            completed = 0;
            seen = 0;
        }

        @Override
        public AudioChunk map(AudioChunk chunk) throws InterruptedException {
            // The longer the checkpoints take on a busy machine, the longer we wait for them.
            int more = FAILED.get() ? 0 : seen * seen / 10;
            Thread.sleep(PAUSE_MILLIS.get() + more);
            seen++;
            if (completed >= 2 && FAILED.compareAndSet(false, true)) {
                throw new IllegalStateException("injected");
            }
            return chunk;
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            completed++;
        }
    }
}
