package org.flinksigmoid.pipelines.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How soon a model answers, and how soon it is at full speed: fresh JVMs, one after the other, load
 * a speech model or an encoder of MiniLM's size and run one window, or 32 tokens, at a time.
 */
public final class StartupBench {
    /** Tenths of a second that a JVM is watched for. */
    public static final int SLICES = 60;

    private static final Pattern THROWN =
            Pattern.compile("Exception in thread \"main\" [\\w.$]+: (.*)");

    private StartupBench() {}

    /**
     * Milliseconds from the beginning of loading, each sorted, one a JVM.
     *
     * @param what what was loaded
     * @param loaded until the model was there
     * @param first until its first result
     * @param steady until it was within a tenth of its final speed for three tenths of a second
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
                        folder.toAbsolutePath().toString(), // never the probe's own word
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
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> said = jvm.inputReader().lines().toList();
        int code = jvm.waitFor();
        String[] numbers = said.isEmpty() ? new String[0] : said.getLast().split(" ");
        if (code != 0 || numbers.length != 3) {
            throw new IOException(
                    "bench startup: expected three numbers of a JVM, found exit code %d: %s"
                            .formatted(code, reason(said)));
        }
        return Arrays.stream(numbers).mapToDouble(Double::parseDouble).toArray();
    }

    /** What a JVM's main threw, or else its last line. */
    private static String reason(List<String> said) {
        return said.stream()
                .map(THROWN::matcher)
                .filter(Matcher::matches)
                .map(thrown -> thrown.group(1))
                .findFirst()
                .orElse(said.isEmpty() ? "it said nothing" : said.getLast());
    }
}
