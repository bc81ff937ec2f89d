package org.flinksigmoid.kernels.internal.tornado.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.bench.GpuRow;
import org.flinksigmoid.kernels.bench.GpuShape;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Times the tile kernel over shapes, each after its result was checked; {@code flink-sigmoid bench
 * gpu} starts it in a JVM of its own.
 *
 * <p>Arguments: the file to write {@link GpuRow}s to, one JSON object a line; {@code profiled} for
 * the few launches that a profiler wants, or {@code timed}; {@link GpuShape}s.
 */
public final class AttentionBench {
    /** Launches of each kernel for a profiler, after the two of the check. */
    private static final int PROFILED = 2;

    private static final int REPEATS = 40;
    private static final int WARM_UPS = 20;

    private static final double HALF_ERROR = 1e-3;
    private static final double BFLOAT_ERROR = 8e-3;

    private AttentionBench() {}

    /** Runs the benchmark; see the class. */
    public static void main(String[] arguments) throws Exception {
        boolean profiled = arguments[1].equals("profiled");
        List<GpuShape> shapes =
                Arrays.stream(arguments, 2, arguments.length).map(GpuShape::parse).toList();
        ObjectMapper json = new ObjectMapper();
        try (BufferedWriter file = Files.newBufferedWriter(Path.of(arguments[0]))) {
            for (GpuShape shape : shapes) {
                String line = json.writeValueAsString(time(shape, profiled));
                file.write(line);
                file.newLine();
                System.out.println(line);
            }
        }
    }

    private static GpuRow time(GpuShape shape, boolean profiled) throws Exception {
        boolean bfloat = shape.type().equals("bf16");
        Mask mask =
                switch (shape.kind()) {
                    case "causal" -> new Mask(true, Mask.UNLIMITED);
                    case "window" -> new Mask(false, 256);
                    default -> Mask.NONE;
                };
        // [batch, heads, n, width] is batch * heads sequences of one head; a packed batch is not
        int heads = shape.kind().equals("ragged") ? shape.heads() : 1;
        float scale = (float) (1 / Math.sqrt(shape.width()));
        var spec =
                new SigmoidAttention(
                        heads, shape.width(), scale, new Bias.NegativeLogN(), mask, false);
        RaggedBatch lengths = RaggedBatch.ofLengths(lengths(shape));
        var run = AttentionRun.of(spec, bfloat, lengths, AttentionRun.Data.NORMAL);
        AttentionRun.Errors errors = run.check(1);
        if (!errors.finite()
                || errors.unwritten() > 0
                || !(errors.relative() < (bfloat ? BFLOAT_ERROR : HALF_ERROR))) {
            throw new IllegalStateException(shape + ": wrong result: " + errors);
        }
        double seconds = profiled ? run.profile(PROFILED) : run.seconds(WARM_UPS, REPEATS);
        return new GpuRow(
                shape.kind(),
                shape.width(),
                shape.type(),
                shape.batch(),
                shape.heads(),
                shape.n(),
                run.flops(),
                errors.relative(),
                seconds * 1e6,
                Map.of(),
                Map.of());
    }

    private static int[] lengths(GpuShape shape) {
        if (shape.kind().equals("ragged")) {
            return shape.lengths();
        }
        int[] lengths = new int[shape.batch() * shape.heads()];
        Arrays.fill(lengths, shape.n());
        return lengths;
    }
}
