package org.flinksigmoid.kernels.internal.tornado.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.bench.GpuRow;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Times the tile kernel over the shapes of the GPU's table, each after its result was checked;
 * {@code flink-sigmoid bench gpu} starts it in a JVM of its own.
 *
 * <p>Arguments: the file to write {@link GpuRow}s to, one JSON object a line; {@code profiled} for
 * the few launches that a profiler wants.
 */
public final class AttentionBench {
    /** Launches of each kernel for a profiler, after the two of the check. */
    private static final int PROFILED = 2;

    private static final int REPEATS = 40;
    private static final int WARM_UPS = 20;

    private static final double HALF_ERROR = 1e-3;
    private static final double BFLOAT_ERROR = 8e-3;

    private AttentionBench() {}

    /** A row before it is timed. */
    private record Shape(String kind, int width, boolean bfloat, int batch, int heads, int n) {}

    /** Runs the benchmark; see the class. */
    public static void main(String[] arguments) throws Exception {
        boolean profiled = arguments.length > 1 && arguments[1].equals("profiled");
        ObjectMapper json = new ObjectMapper();
        try (BufferedWriter file = Files.newBufferedWriter(Path.of(arguments[0]))) {
            for (Shape shape : shapes()) {
                String line = json.writeValueAsString(time(shape, profiled));
                file.write(line);
                file.newLine();
                System.out.println(line);
            }
        }
    }

    private static List<Shape> shapes() {
        int[][] sizes = {
            {64, 8, 256},
            {32, 16, 512},
            {16, 16, 1024},
            {8, 16, 2048},
            {4, 16, 4096},
            {2, 16, 8192}
        };
        List<Shape> shapes = new ArrayList<>();
        for (int[] size : sizes) {
            shapes.add(new Shape("dense", 64, false, size[0], size[1], size[2]));
        }
        for (int[] size : sizes) {
            shapes.add(new Shape("dense", 128, false, size[0], size[1] / 2, size[2]));
        }
        for (int[] size : sizes) {
            shapes.add(new Shape("dense", 32, false, size[0], size[1], size[2]));
        }
        for (int n : new int[] {1, 4}) {
            int[] size = sizes[n];
            shapes.add(new Shape("dense", 96, false, size[0], size[1], size[2]));
        }
        for (int n : new int[] {2, 4}) {
            int[] size = sizes[n];
            shapes.add(new Shape("dense", 64, true, size[0], size[1], size[2]));
            shapes.add(new Shape("causal", 64, false, size[0], size[1], size[2]));
            shapes.add(new Shape("window", 64, false, size[0], size[1], size[2]));
        }
        shapes.add(new Shape("ragged", 64, false, 128, 16, 512));
        return shapes;
    }

    private static GpuRow time(Shape shape, boolean profiled) throws Exception {
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
        var run = AttentionRun.of(spec, shape.bfloat(), lengths, AttentionRun.Data.NORMAL);
        AttentionRun.Errors errors = run.check(1);
        if (!errors.finite()
                || errors.unwritten() > 0
                || !(errors.relative() < (shape.bfloat() ? BFLOAT_ERROR : HALF_ERROR))) {
            throw new IllegalStateException(shape + ": wrong result: " + errors);
        }
        double seconds = profiled ? run.profile(PROFILED) : run.seconds(WARM_UPS, REPEATS);
        return new GpuRow(
                shape.kind(),
                shape.width(),
                shape.bfloat() ? "bf16" : "fp16",
                shape.batch(),
                shape.heads(),
                shape.n(),
                run.flops(),
                errors.relative(),
                seconds * 1e6,
                Map.of(),
                Map.of());
    }

    /** As the peers' script: 128 lengths from 64 to 512 for the ragged batch. */
    private static int[] lengths(Shape shape) {
        if (shape.kind().equals("ragged")) {
            int[] lengths = new int[shape.batch()];
            Arrays.setAll(lengths, i -> 64 + (i * 7919 + 13) % 449);
            return lengths;
        }
        int[] lengths = new int[shape.batch() * shape.heads()];
        Arrays.fill(lengths, shape.n());
        return lengths;
    }
}
