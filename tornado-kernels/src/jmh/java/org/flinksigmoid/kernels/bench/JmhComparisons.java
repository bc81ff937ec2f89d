package org.flinksigmoid.kernels.bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs {@link ContestBenchmark} with the garbage collector's profiler, a row at a time. */
public final class JmhComparisons implements Comparisons {
    /** For {@link ServiceLoader}. */
    public JmhComparisons() {}

    @Override
    public List<String> names(Table table, int threads) {
        return cases(table, threads).stream().map(BenchCase::name).toList();
    }

    private static List<BenchCase> cases(Table table, int threads) {
        return ServiceLoader.load(BenchSuite.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(suite -> suite.table() == table)
                .flatMap(suite -> suite.cases(threads).stream())
                .toList();
    }

    /** The row of that name. */
    static BenchCase find(Table table, int threads, String name) {
        return search(table, threads, name)
                .orElseThrow(() -> new IllegalArgumentException("no row " + name));
    }

    private static Optional<BenchCase> search(Table table, int threads, String name) {
        return cases(table, threads).stream().filter(each -> each.name().equals(name)).findFirst();
    }

    @Override
    public Comparison measure(Table table, int threads, String name, Path temporary) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        try {
            RunResult result =
                    new Runner(
                                    options(table, threads, name, temporary),
                                    OutputFormatFactory.createFormatInstance(
                                            out, VerboseMode.NORMAL))
                            .runSingle();
            BenchCase row = find(table, threads, name);
            return Rounds.of(result).compare(row.work(), row.against());
        } catch (RunnerException e) {
            String output = said.toString(StandardCharsets.UTF_8);
            throw new IllegalStateException(name + ":\n" + output, reason(e));
        }
    }

    /**
     * What JMH is asked for. The heap's pages are touched beforehand, as a job has them after its
     * first collections; ONNX Runtime leaves an empty folder among its JVM's temporary files.
     */
    static Options options(Table table, int threads, String name, Path temporary) {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include(ContestBenchmark.class.getName())
                        .param("table", table.name())
                        .param("threads", Integer.toString(threads))
                        .param("name", name)
                        .addProfiler(GCProfiler.class)
                        .jvmArgsAppend(
                                "-Xms1g",
                                "-XX:+AlwaysPreTouch",
                                "-Djava.io.tmpdir=" + temporary.toAbsolutePath())
                        .shouldFailOnError(true);
        search(table, threads, name)
                .ifPresent(
                        row ->
                                options.forks(row.jvms())
                                        .measurementIterations(
                                                row.rounds()
                                                        * ContestBenchmark.Side.values().length));
        return options.build();
    }

    /** What was thrown in the fork, where JMH knows. */
    private static Throwable reason(RunnerException thrown) {
        Throwable cause = thrown.getCause();
        return cause != null && cause.getSuppressed().length > 0
                ? cause.getSuppressed()[0]
                : thrown;
    }
}
