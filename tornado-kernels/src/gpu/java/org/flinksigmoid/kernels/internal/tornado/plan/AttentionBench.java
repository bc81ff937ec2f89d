package org.flinksigmoid.kernels.internal.tornado.plan;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Times the tile kernel over the shapes that {@code src/gpu-test/python/attention_peers.py} times
 * its peers over, checks each result before, and writes one JSON object a line.
 *
 * <p>Arguments: the file to write, then names of groups ({@code dense}, {@code masked}, {@code
 * ragged}, {@code variants}); the first three if there are none.
 */
final class AttentionBench {
    private static final int REPEATS = Integer.getInteger("repeats", 40);

    private final PrintStream json;

    private AttentionBench(PrintStream json) {
        this.json = json;
    }

    /**
     * What is timed.
     *
     * @param group as named on the command line
     * @param kind which peers it is compared with: dense, causal, window, ragged
     */
    private record Shape(
            String group, String kind, int width, boolean bfloat, int batch, int heads, int n) {}

    public static void main(String[] arguments) throws Exception {
        List<String> groups =
                arguments.length > 1
                        ? List.of(arguments).subList(1, arguments.length)
                        : List.of("dense", "masked", "ragged");
        try (PrintStream json = new PrintStream(Files.newOutputStream(Path.of(arguments[0])))) {
            AttentionBench bench = new AttentionBench(json);
            for (Shape shape : shapes()) {
                if (groups.contains(shape.group())) {
                    bench.time(shape, List.of());
                }
                if (groups.contains("variants")
                        && shape.group().equals("dense")
                        && shape.n() <= 512) {
                    bench.time(shape, variants(shape.width()));
                }
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
            shapes.add(new Shape("dense", "dense", 64, false, size[0], size[1], size[2]));
        }
        for (int[] size : sizes) {
            shapes.add(new Shape("dense", "dense", 128, false, size[0], size[1] / 2, size[2]));
        }
        for (int[] size : sizes) {
            shapes.add(new Shape("dense", "dense", 32, false, size[0], size[1], size[2]));
        }
        for (int n : new int[] {1, 4}) {
            int[] size = sizes[n];
            shapes.add(new Shape("dense", "dense", 96, false, size[0], size[1], size[2]));
        }
        for (int n : new int[] {2, 4}) {
            int[] size = sizes[n];
            shapes.add(new Shape("masked", "dense", 64, true, size[0], size[1], size[2]));
            shapes.add(new Shape("masked", "causal", 64, false, size[0], size[1], size[2]));
            shapes.add(new Shape("masked", "window", 64, false, size[0], size[1], size[2]));
        }
        shapes.add(new Shape("ragged", "ragged", 64, false, 128, 16, 512));
        return shapes;
    }

    /**
     * Variants worth comparing for short sequences, so that {@code Variant.of} can be told the
     * fastest.
     */
    private static List<TileAttentionTask.Variant> variants(int width) {
        List<TileAttentionTask.Variant> variants = new ArrayList<>();
        int blocks = width == 32 ? 4 : 2;
        variants.add(new TileAttentionTask.Variant(true, false, false, blocks));
        variants.add(new TileAttentionTask.Variant(true, true, false, blocks));
        if (width <= 64) {
            variants.add(new TileAttentionTask.Variant(false, false, false, blocks));
            variants.add(new TileAttentionTask.Variant(false, true, false, blocks));
            variants.add(new TileAttentionTask.Variant(false, false, false, 3));
        }
        return variants;
    }

    private void time(Shape shape, List<TileAttentionTask.Variant> variants) throws Exception {
        Mask mask =
                switch (shape.kind()) {
                    case "causal" -> new Mask(true, Mask.UNLIMITED);
                    case "window" -> new Mask(false, 256);
                    default -> Mask.NONE;
                };
        // [batch, heads, n, width] is batch * heads sequences of one head; a packed batch is not
        boolean packed = shape.kind().equals("ragged");
        int heads = packed ? shape.heads() : 1;
        float scale = (float) (1 / Math.sqrt(shape.width()));
        var spec =
                new SigmoidAttention(
                        heads, shape.width(), scale, new Bias.NegativeLogN(), mask, false);
        RaggedBatch lengths = RaggedBatch.ofLengths(lengths(shape));
        List<TileAttentionTask.Variant> all =
                variants.isEmpty()
                        ? List.of(AttentionRun.variant(spec, shape.bfloat(), shape.n()))
                        : variants;
        for (TileAttentionTask.Variant variant : all) {
            var run =
                    new AttentionRun(
                            spec,
                            shape.bfloat(),
                            lengths,
                            lengths,
                            AttentionRun.Data.NORMAL,
                            variant);
            AttentionRun.Errors errors = run.check(1);
            double seconds = run.seconds(REPEATS);
            String line =
                    String.format(
                            Locale.ROOT,
                            "{\"kernel\": \"ours\", \"kind\": \"%s\", \"width\": %d, \"dtype\":"
                                + " \"%s\", \"batch\": %d, \"heads\": %d, \"n\": %d, \"us\": %.2f,"
                                + " \"tflops\": %.1f, \"error\": %.2e, \"unwritten\": %d,"
                                + " \"variant\": \"%s\"}",
                            shape.kind(),
                            shape.width(),
                            shape.bfloat() ? "bf16" : "fp16",
                            shape.batch(),
                            shape.heads(),
                            shape.n(),
                            seconds * 1e6,
                            run.flops() / seconds * 1e-12,
                            errors.relative(),
                            errors.unwritten(),
                            variant);
            json.println(line);
            System.out.println(line);
        }
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
