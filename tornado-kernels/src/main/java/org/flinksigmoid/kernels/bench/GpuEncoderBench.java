package org.flinksigmoid.kernels.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What {@code flink-sigmoid bench gpu-encoders} runs: whole encoders with random weights in a JVM
 * of its own ({@code EncoderBench}), then the first of them in compiled PyTorch ({@code
 * encoder_peers.py}). Links nothing of TornadoVM.
 */
public final class GpuEncoderBench {
    private static final String OURS =
            "org.flinksigmoid.kernels.internal.tornado.plan.EncoderBench";
    private static final String PEERS = "encoder_peers.py";

    /** Memory that is there from the start: a heap that grows takes time of the first runs. */
    private static final List<String> HEAP = List.of("-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch");

    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    private GpuEncoderBench() {}

    /**
     * What was measured.
     *
     * @param notes what could not be measured here, and why
     * @param rows encoders and batches
     */
    public record Result(List<String> notes, List<GpuEncoderRow> rows) {
        /** Copies the collections. */
        public Result {
            notes = List.copyOf(notes);
            rows = List.copyOf(rows);
        }
    }

    /** A peer's time for one of the encoders. */
    private record PeerTime(
            @JsonProperty("peer") String peer,
            @JsonProperty("encoder") String encoder,
            @JsonProperty("batch") int batch,
            @JsonProperty("n") int n,
            @JsonProperty("ms") double milliseconds) {}

    /** About how many steps {@link #run} tells of, with all peers. */
    public static int steps() {
        return 18;
    }

    /**
     * Measures; takes two to four minutes.
     *
     * @param java command that starts a JVM with this one's flags and class path
     * @param python interpreter that may have PyTorch
     * @param temporary a folder for temporary files, which stay there
     * @param progress told of each step
     * @throws IllegalStateException if a program could not be run
     */
    public static Result run(
            List<String> java, String python, Path temporary, Consumer<String> progress)
            throws IOException, InterruptedException {
        BenchPrograms programs = new BenchPrograms(python, temporary, progress);
        List<String> ours = new ArrayList<>(java);
        ours.addAll(HEAP);
        ours.add(OURS);
        List<GpuEncoderRow> rows = new ArrayList<>();
        for (String line : programs.call("whole encoders", ours)) {
            rows.add(JSON.readValue(line, GpuEncoderRow.class));
        }
        Optional<List<String>> torch = programs.torch(PEERS);
        if (torch.isPresent()) {
            List<PeerTime> times = new ArrayList<>();
            for (String line : programs.call("PyTorch's encoders", torch.get())) {
                times.add(JSON.readValue(line, PeerTime.class));
            }
            rows.replaceAll(row -> row.withPeers(of(row, times)));
        }
        return new Result(programs.notes(), rows);
    }

    private static Map<String, Double> of(GpuEncoderRow row, List<PeerTime> times) {
        Map<String, Double> peers = new LinkedHashMap<>();
        for (PeerTime time : times) {
            if (time.encoder().equals(row.encoder())
                    && time.batch() == row.batch()
                    && time.n() == row.n()) {
                peers.put(time.peer(), time.milliseconds());
            }
        }
        return peers;
    }
}
