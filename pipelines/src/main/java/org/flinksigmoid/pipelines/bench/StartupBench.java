package org.flinksigmoid.pipelines.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How soon a model answers, and how soon it is at full speed: fresh JVMs, one after the other, load
 * a speech model or an encoder of MiniLM's size and run one window, or 32 tokens, at a time.
 */
public final class StartupBench {
    /** Tenths of a second that a JVM is watched for. */
    public static final int SLICES = 60;

    private StartupBench() {}

    /**
     * Milliseconds from the beginning of loading, each sorted, one a JVM.
     *
     * @param what what was loaded
     * @param loaded until the model was there
     * @param first until its first result
     * @param steady until it was within a tenth of its final speed
     */
    public record Row(String what, double[] loaded, double[] first, double[] steady) {}

    /**
     * Measures.
     *
     * @param java how to start a JVM: program, options, class path
     * @param folder of a speech model
     * @param jvms JVMs for each of the two
     * @param slices tenths of a second that each runs for, once it has loaded
     * @param step told of each JVM
     */
    public static List<Row> run(
            List<String> java, Path folder, int threads, int jvms, int slices, Runnable step)
            throws IOException, InterruptedException {
        return List.of(
                measure(
                        java,
                        folder.getFileName().toString(),
                        folder.toString(),
                        threads,
                        jvms,
                        slices,
                        step),
                measure(
                        java,
                        "encoder 6 x 384",
                        StartupProbe.ENCODER,
                        threads,
                        jvms,
                        slices,
                        step));
    }

    private static Row measure(
            List<String> java,
            String name,
            String what,
            int threads,
            int jvms,
            int slices,
            Runnable step)
            throws IOException, InterruptedException {
        double[][] columns = new double[3][jvms];
        for (int i = 0; i < jvms; i++) {
            double[] times = probe(java, what, threads, slices);
            for (int column = 0; column < columns.length; column++) {
                columns[column][i] = times[column];
            }
            step.run();
        }
        for (double[] column : columns) {
            Arrays.sort(column);
        }
        String title = "%s, %d threads".formatted(name, threads);
        return new Row(title, columns[0], columns[1], columns[2]);
    }

    private static double[] probe(List<String> java, String what, int threads, int slices)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(java);
        command.add(StartupProbe.class.getName());
        command.addAll(List.of(what, Integer.toString(threads), Integer.toString(slices)));
        Process jvm =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = jvm.waitFor();
        String[] numbers = said.strip().split(" ");
        if (code != 0 || numbers.length != 3) {
            throw new IOException(
                    "bench startup: expected three numbers of %s, found \"%s\", exit code %d"
                            .formatted(String.join(" ", command), said.strip(), code));
        }
        return Arrays.stream(numbers).mapToDouble(Double::parseDouble).toArray();
    }
}
