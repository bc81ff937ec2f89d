package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.window.TextWindows;
import org.flinksigmoid.pipelines.local.EmbeddedFlink;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.scoring.TextFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputSourceITCase {
    private static final int LINES = 50;

    /** Shared with the job's tasks, which run in this JVM. */
    private static final AtomicBoolean FAILED = new AtomicBoolean();

    private static final AtomicInteger SEEN = new AtomicInteger();

    @TempDir private Path folder;

    @Test
    void everyLineOfEveryFileComesOnceAndBadOnesAreSideOutput() throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(2, Duration.ZERO);
        List<BadInput> bad = Collections.synchronizedList(new ArrayList<>());
        List<StreamInput> inputs = new ArrayList<>(files(5, LINES));
        inputs.add(1, new StreamInput("gone", List.of(folder.resolve("gone").toString())));
        SingleOutputStreamOperator<TextMessage> messages =
                messages(env, inputs, InputSource.Options.fast());
        List<String> texts = Collections.synchronizedList(new ArrayList<>());
        try (LocalSink<BadInput> badSink = LocalSink.to(BadInput.class, bad::add);
                LocalSink<TextMessage> sink =
                        LocalSink.to(TextMessage.class, m -> texts.add(m.text()))) {
            messages.getSideOutput(BadInput.TAG).sinkTo(badSink);
            messages.sinkTo(sink);
            env.execute();
        }
        assertThat(texts).containsExactlyInAnyOrderElementsOf(expected(5, LINES));
        assertThat(bad).containsExactly(new BadInput("gone", "no such file"));
    }

    @Test
    void aRestartGoesOnBehindTheLastCheckpointAndLosesNothing() throws Exception {
        Configuration restarting = new Configuration();
        restarting.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        restarting.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        restarting.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        FAILED.set(false);
        // A busy machine may need more than half a second for its checkpoints, or ten times that.
        for (int count = LINES; count <= 100 * LINES && !FAILED.get(); count *= 10) {
            StreamExecutionEnvironment env = EmbeddedFlink.environment(2, Duration.ofMillis(20));
            env.configure(restarting);
            List<String> texts = new ArrayList<>();
            var lines =
                    messages(
                                    env,
                                    files(4, count),
                                    new InputSource.Options(Pace.REAL_TIME, false, 2))
                            .map(new FailOnceAfterACheckpoint())
                            .executeAndCollect();
            try (lines) {
                lines.forEachRemaining(texts::add);
            }
            assertThat(texts).containsExactlyInAnyOrderElementsOf(expected(4, count));
        }
        assertThat(FAILED).isTrue();
    }

    @Test
    void realTimePaceTakesAsLongAsTheEventsDid() throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        long started = System.nanoTime();
        List<TextMessage> messages =
                messages(env, files(2, LINES), InputSource.Options.realTime(2))
                        .executeAndCollect(1000);
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        assertThat(messages).hasSize(2 * LINES);
        // 49 steps of 10 ms; both files play at once.
        assertThat(took).isGreaterThan(Duration.ofMillis(490));
        assertThat(messages)
                .extracting(TextMessage::timestampMillis)
                .allSatisfy(
                        millis ->
                                assertThat(System.currentTimeMillis() - millis)
                                        .isBetween(0L, 600_000L));
    }

    @Test
    void aLoopNamesEachRoundAnew() throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        SEEN.set(0);
        List<TextMessage> messages = Collections.synchronizedList(new ArrayList<>());
        try (LocalSink<TextMessage> sink =
                LocalSink.to(
                        TextMessage.class,
                        message -> {
                            if (SEEN.incrementAndGet() <= 3 * LINES) {
                                messages.add(message);
                            }
                        })) {
            messages(env, files(1, LINES), new InputSource.Options(Pace.FAST, true, 1))
                    .sinkTo(sink);
            JobClient job = env.executeAsync();
            while (SEEN.get() < 3 * LINES) {
                Thread.sleep(5);
            }
            job.cancel().get();
        }
        assertThat(messages)
                .extracting(TextMessage::key)
                .containsOnly("file0", "file0#2", "file0#3");
        assertThat(messages)
                .extracting(TextMessage::timestampMillis)
                .isSortedAccordingTo(Long::compare);
    }

    /** As of a disk that is not mounted; each file was reported, and the job was done. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFolderThatIsGoneOrEmptyForAWhileCostsNoLine(boolean isGone) throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(1, Duration.ZERO);
        env.configure(
                new Configuration()
                        .set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay")
                        .set(
                                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS,
                                Integer.MAX_VALUE)
                        .set(
                                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY,
                                Duration.ofMillis(50)));
        Path elsewhere = folder.resolveSibling(folder.getFileName() + "-elsewhere");
        AtomicBoolean moved = new AtomicBoolean();
        List<BadInput> bad = Collections.synchronizedList(new ArrayList<>());
        Set<String> texts = ConcurrentHashMap.newKeySet();
        SingleOutputStreamOperator<TextMessage> messages =
                messages(env, files(20, 1000), InputSource.Options.fast());
        try (LocalSink<BadInput> badSink = LocalSink.to(BadInput.class, bad::add);
                LocalSink<TextMessage> sink =
                        LocalSink.to(
                                TextMessage.class,
                                message -> {
                                    if (moved.compareAndSet(false, true)) {
                                        moveForAWhile(folder, elsewhere, isGone);
                                    }
                                    texts.add(message.text());
                                })) {
            messages.getSideOutput(BadInput.TAG).sinkTo(badSink);
            messages.sinkTo(sink);
            env.execute();
        }
        assertThat(bad).isEmpty();
        assertThat(texts).containsExactlyInAnyOrderElementsOf(expected(20, 1000));
    }

    private static void moveForAWhile(Path folder, Path elsewhere, boolean isGone) {
        try {
            Files.move(folder, elsewhere);
            if (!isGone) {
                Files.createDirectory(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)
                .execute(
                        () -> {
                            try {
                                Files.deleteIfExists(folder);
                                Files.move(elsewhere, folder);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aSocketThatSaysNothingHoldsUpNoWindowOfAnother(int parallelism) throws Exception {
        StreamExecutionEnvironment env = EmbeddedFlink.environment(parallelism, Duration.ZERO);
        CountDownLatch windows = new CountDownLatch(2);
        try (ServerSocket talking = new ServerSocket(0);
                ServerSocket silent = new ServerSocket(0);
                LocalSink<TextMessage> sink =
                        LocalSink.to(TextMessage.class, window -> windows.countDown())) {
            Thread.startVirtualThread(() -> talk(talking));
            List<StreamInput> sockets =
                    Stream.of(silent, talking)
                            .map(server -> "tcp://localhost:" + server.getLocalPort())
                            .map(address -> new StreamInput(address, List.of(address)))
                            .toList();
            TextWindows.sliding(Duration.ofMillis(100), Duration.ofMillis(100))
                    .apply(messages(env, sockets, InputSource.Options.fast()))
                    .sinkTo(sink);
            JobClient job = env.executeAsync();
            assertThat(windows.await(2, TimeUnit.MINUTES)).isTrue();
            job.cancel().get();
        }
    }

    /** Says something until nobody hears it any more. */
    private static void talk(ServerSocket server) {
        try (Socket socket = server.accept()) {
            while (!server.isClosed()) {
                socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
                Thread.sleep(20);
            }
        } catch (IOException | InterruptedException e) {
            // The job has been cancelled.
        }
    }

    private static SingleOutputStreamOperator<TextMessage> messages(
            StreamExecutionEnvironment env, List<StreamInput> inputs, InputSource.Options options) {
        return new InputSource<>(inputs, new TextFormat(TextFormat.Syntax.TEXT, 100), options)
                .addTo(env, "lines", TypeInformation.of(TextMessage.class));
    }

    private List<StreamInput> files(int count, int lines) throws IOException {
        List<StreamInput> inputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path file = folder.resolve("file" + i);
            Files.write(file, lines(i, lines));
            inputs.add(new StreamInput("file" + i, List.of(file.toString())));
        }
        return inputs;
    }

    private static List<String> expected(int files, int lines) {
        return IntStream.range(0, files).boxed().flatMap(i -> lines(i, lines).stream()).toList();
    }

    private static List<String> lines(int file, int count) {
        return IntStream.range(0, count).mapToObj(line -> file + "." + line).toList();
    }

    /** Throws once, when some lines lie behind a completed checkpoint. */
    private static final class FailOnceAfterACheckpoint extends RichMapFunction<TextMessage, String>
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
        public String map(TextMessage message) {
            seen++;
            if (completed >= 2 && seen > 5 && FAILED.compareAndSet(false, true)) {
                throw new IllegalStateException("injected");
            }
            return message.text();
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            completed++;
        }
    }
}
