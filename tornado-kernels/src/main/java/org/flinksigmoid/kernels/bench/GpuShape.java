package org.flinksigmoid.kernels.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A row of {@code bench gpu} before it is timed.
 *
 * @param kind dense, causal, window (256 keys either way) or ragged (packed lengths of 64 to n)
 * @param width elements of a head: 32, 64, 96 or 128
 * @param type fp16 or bf16
 * @param batch sequences
 * @param heads heads of each
 * @param n length of a sequence, the longest possible if ragged
 */
public record GpuShape(String kind, int width, String type, int batch, int heads, int n) {
    private static final Set<String> KINDS = Set.of("dense", "causal", "window", "ragged");
    private static final Set<String> TYPES = Set.of("fp16", "bf16");
    private static final Set<Integer> WIDTHS = Set.of(32, 64, 96, 128);

    /** Shortest length of a ragged batch. */
    private static final int SHORTEST = 64;

    /** Most elements of queries: 2 GB of each operand on the host, too. */
    private static final long MOST = 1L << 30;

    /** Most sequences of a head: the kernel's work items have numbers of so many. */
    private static final int MOST_SEQUENCES = 1 << 20;

    /** Batch, heads and length, with about as many tokens each. */
    private static final int[][] SIZES = {
        {64, 8, 256},
        {32, 16, 512},
        {16, 16, 1024},
        {8, 16, 2048},
        {4, 16, 4096},
        {2, 16, 8192}
    };

    /**
     * Checks what was asked for.
     *
     * @throws IllegalArgumentException if there is no such kernel, or no such operands
     */
    public GpuShape {
        require(KINDS.contains(kind), "a kind of dense, causal, window or ragged", kind);
        require(WIDTHS.contains(width), "a head of 32, 64, 96 or 128", width);
        require(TYPES.contains(type), "a type of fp16 or bf16", type);
        int least = kind.equals("ragged") ? SHORTEST : 1;
        require(batch > 0, "a batch of at least 1", batch);
        require(heads > 0, "at least 1 head", heads);
        require(n >= least, "a length of at least " + least, n);
        long sequences = (long) batch * heads;
        require(sequences <= MOST_SEQUENCES, "at most 2^20 heads in all", sequences);
        double elements = (double) batch * heads * n * width;
        require(elements <= MOST, "at most 2^30 elements", "%.3g".formatted(elements));
    }

    private static void require(boolean met, String expected, Object found) {
        if (!met) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }

    /**
     * Reads {@code kind,width,type,batch,heads,n}, as {@link #toString} writes it.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static GpuShape parse(String text) {
        String[] parts = text.split(",", -1);
        require(parts.length == 6, "six parts such as dense,64,fp16,16,16,1024", text);
        return new GpuShape(
                parts[0],
                number(parts[1]),
                parts[2],
                number(parts[3]),
                number(parts[4]),
                number(parts[5]));
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a number, found " + text, e);
        }
    }

    @Override
    public String toString() {
        return "%s,%d,%s,%d,%d,%d".formatted(kind, width, type, batch, heads, n);
    }

    /** The table's. */
    public static List<GpuShape> table() {
        List<GpuShape> shapes = new ArrayList<>();
        for (int[] size : SIZES) {
            shapes.add(new GpuShape("dense", 64, "fp16", size[0], size[1], size[2]));
        }
        for (int[] size : SIZES) {
            shapes.add(new GpuShape("dense", 128, "fp16", size[0], size[1] / 2, size[2]));
        }
        for (int[] size : SIZES) {
            shapes.add(new GpuShape("dense", 32, "fp16", size[0], size[1], size[2]));
        }
        for (int n : new int[] {1, 4}) {
            int[] size = SIZES[n];
            shapes.add(new GpuShape("dense", 96, "fp16", size[0], size[1], size[2]));
        }
        for (int n : new int[] {2, 4}) {
            int[] size = SIZES[n];
            shapes.add(new GpuShape("dense", 64, "bf16", size[0], size[1], size[2]));
            shapes.add(new GpuShape("causal", 64, "fp16", size[0], size[1], size[2]));
            shapes.add(new GpuShape("window", 64, "fp16", size[0], size[1], size[2]));
        }
        shapes.add(new GpuShape("ragged", 64, "fp16", 128, 16, 512));
        return shapes;
    }

    /** Lengths of a ragged batch, spread over all from 64 to n; the peers' script has the same. */
    public int[] lengths() {
        int[] lengths = new int[batch];
        for (int i = 0; i < batch; i++) {
            lengths[i] = SHORTEST + (int) ((i * 7919L + 13) % (n - SHORTEST + 1));
        }
        return lengths;
    }
}
