package org.flinksigmoid.kernels.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What {@code flink-sigmoid bench gpu} runs: the attention kernel over shapes in a JVM of its own
 * ({@code AttentionBench}), then PyTorch's kernels over the same ones ({@code attention_peers.py}),
 * both under Nsight Compute where it is on the path. Links nothing of TornadoVM.
 */
public final class GpuBench {
    private static final String OURS =
            "org.flinksigmoid.kernels.internal.tornado.plan.AttentionBench";
    private static final String PEERS = "attention_peers.py";

    /** What bounds a kernel: the profiler's metrics, and what they are called here. */
    private static final Map<String, String> COUNTERS =
            Map.of(
                    "sm__pipe_tensor_op_hmma_cycles_active.avg.pct_of_peak_sustained_active",
                    "tensor",
                    "sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_active",
                    "special",
                    "smsp__issue_active.avg.pct_of_peak_sustained_active",
                    "issue",
                    "dram__throughput.avg.pct_of_peak_sustained_elapsed",
                    "memory");

    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    private final List<GpuShape> shapes;
    private final List<String> java;
    private final boolean profiler;
    private final Path folder;
    private final BenchPrograms programs;

    private GpuBench(
            List<GpuShape> shapes, List<String> java, boolean profiler, BenchPrograms programs) {
        this.shapes = shapes;
        this.java = java;
        this.profiler = profiler;
        this.programs = programs;
        this.folder = programs.folder();
    }

    /**
     * What was measured.
     *
     * @param timer what took the times
     * @param notes what could not be measured here, and why
     * @param rows the shapes
     */
    public record Result(String timer, List<String> notes, List<GpuRow> rows) {
        /** Copies the collections. */
        public Result {
            notes = List.copyOf(notes);
            rows = List.copyOf(rows);
        }
    }

    /** A peer's launches on one row. */
    private record PeerTime(
            @JsonProperty("row") int row,
            @JsonProperty("peer") String peer,
            @JsonProperty("microseconds") double microseconds) {}

    /** About how many steps {@link #run} tells of, with all peers. */
    public static int steps(List<GpuShape> shapes) {
        return 3 * shapes.size() + 2;
    }

    /**
     * Measures; the table's shapes take one to three minutes.
     *
     * @param shapes at least one
     * @param java command that starts a JVM with this one's flags and class path
     * @param python interpreter that may have PyTorch
     * @param temporary a folder for temporary files, which stay there
     * @param progress told of each step
     * @throws IllegalStateException if the kernel failed, was wrong, or a program could not be run
     */
    public static Result run(
            List<GpuShape> shapes,
            List<String> java,
            String python,
            Path temporary,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        return run(shapes, java, python, BenchPrograms.isProgram("ncu"), temporary, progress);
    }

    static Result run(
            List<GpuShape> shapes,
            List<String> java,
            String python,
            boolean profiler,
            Path temporary,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        var programs = new BenchPrograms(python, temporary, progress);
        return new GpuBench(shapes, java, profiler, programs).run();
    }

    private Result run() throws IOException, InterruptedException {
        Path rowsFile = folder.resolve("ours.jsonl");
        List<String> ours = new ArrayList<>(java);
        ours.addAll(List.of(OURS, rowsFile.toString(), profiler ? "profiled" : "timed"));
        shapes.forEach(shape -> ours.add(shape.toString()));
        Path log = folder.resolve("ours.csv");
        if (profiler) {
            ours.addAll(0, ncu(log, "regex:attend", true));
        } else {
            programs.notes()
                    .add(
                            "Nsight Compute (ncu) is not on the path: times are from events around"
                                + " a launch and up to 12 us too long, and there are no counters");
        }
        programs.call("the attention kernel", ours);
        List<GpuRow> rows = new ArrayList<>(read(rowsFile, GpuRow.class));
        if (profiler) {
            List<Map<String, Double>> medians = ProfilerLog.read(log).medians(rows.size());
            for (int i = 0; i < rows.size(); i++) {
                Map<String, Double> median = medians.get(i);
                Map<String, Double> counters = new LinkedHashMap<>();
                COUNTERS.forEach(
                        (metric, name) ->
                                Optional.ofNullable(median.get(metric))
                                        .ifPresent(value -> counters.put(name, value)));
                rows.set(
                        i,
                        rows.get(i).withTimes(median.get(ProfilerLog.DURATION) * 1e-3, counters));
            }
        }
        addPeers(rows, rowsFile);
        return new Result(profiler ? "Nsight Compute" : "events", programs.notes(), rows);
    }

    private void addPeers(List<GpuRow> rows, Path rowsFile)
            throws IOException, InterruptedException {
        Optional<List<String>> torch = programs.torch(PEERS);
        if (torch.isEmpty()) {
            return;
        }
        Path timesFile = folder.resolve("peers.jsonl");
        List<String> peers = new ArrayList<>(torch.get());
        peers.addAll(List.of(rowsFile.toString(), timesFile.toString()));
        Path log = folder.resolve("peers.csv");
        if (profiler) {
            peers.addAll(0, ncu(log, "regex:flash|cudnn|fmha|_fwd_dense", false));
        }
        programs.call("PyTorch's kernels", peers);
        List<PeerTime> times = read(timesFile, PeerTime.class);
        List<Map<String, Double>> medians =
                profiler ? ProfilerLog.read(log).medians(times.size()) : List.of();
        List<Map<String, Double>> byRow = new ArrayList<>();
        rows.forEach(row -> byRow.add(new LinkedHashMap<>()));
        for (int i = 0; i < times.size(); i++) {
            PeerTime time = times.get(i);
            byRow.get(time.row())
                    .put(
                            time.peer(),
                            profiler
                                    ? medians.get(i).get(ProfilerLog.DURATION) * 1e-3
                                    : time.microseconds());
        }
        rows.replaceAll(row -> row.withPeers(byRow.get(rows.indexOf(row))));
    }

    /** Clocks and caches are left as they are, as they are when the kernels run for somebody. */
    private static List<String> ncu(Path log, String kernels, boolean counted) {
        List<String> command =
                new ArrayList<>(
                        List.of("ncu", "--clock-control", "none", "--cache-control", "none"));
        command.addAll(List.of("--csv", "--print-units", "base", "--log-file", log.toString()));
        command.addAll(List.of("--target-processes", "all", "-k", kernels, "--metrics"));
        command.add(
                ProfilerLog.DURATION + (counted ? "," + String.join(",", COUNTERS.keySet()) : ""));
        if (!counted) {
            command.addAll(List.of("--profile-from-start", "off"));
        }
        return command;
    }

    private static <T> List<T> read(Path file, Class<T> type) throws IOException {
        List<T> values = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            values.add(JSON.readValue(line, type));
        }
        return values;
    }
}
