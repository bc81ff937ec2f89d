package org.flinksigmoid.kernels.internal.vector;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.internal.oracle.RandomArrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Products of the encoders' shapes on one thread, beside the machine's multiply-add rate. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GemmBenchmark {
    /** Rows x outputs x inputs, as the encoders have them. */
    static final List<String> SHAPES =
            List.of(
                    "32x384x384",
                    "32x1536x384",
                    "128x384x384",
                    "128x1536x384",
                    "128x384x1536",
                    "2048x1536x384",
                    "2048x384x1536",
                    "1024x2048x512",
                    "1024x512x2048");

    @Param({
        "32x384x384",
        "32x1536x384",
        "128x384x384",
        "128x1536x384",
        "128x384x1536",
        "2048x1536x384",
        "2048x384x1536",
        "1024x2048x512",
        "1024x512x2048"
    })
    public String shape;

    private static final float[] NONE = {};

    private PackedLayer layer;
    private int rows;
    private float[] x;
    private float[] out;
    private float[] sums;

    /** Makes the operands and checks one result. */
    @Setup
    public void prepare() {
        String[] sizes = shape.split("x");
        rows = Integer.parseInt(sizes[0]);
        int outputs = Integer.parseInt(sizes[1]);
        int inputs = Integer.parseInt(sizes[2]);
        RandomArrays random = new RandomArrays(1);
        float[] weight = random.normal(outputs * inputs, 1);
        layer =
                new PackedLayer(
                        weight,
                        outputs,
                        Optional.empty(),
                        Activation.IDENTITY,
                        Optional.empty(),
                        WeightFormat.FLOAT);
        float[] rowMajor = random.normal(rows * inputs, 1);
        x = new float[Panels.LAYOUT.size(rows, inputs)];
        Panels.LAYOUT.load(rowMajor, rows, inputs, x);
        out = new float[Panels.LAYOUT.size(rows, outputs)];
        sums = new float[layer.scratch()];
        multiply();
        int row = rows - 1;
        double expected = 0;
        for (int i = 0; i < inputs; i++) {
            expected += (double) weight[inputs + i] * rowMajor[row * inputs + i];
        }
        double found = out[Panels.at(row, outputs) + Lanes.PANEL];
        if (!(Math.abs(found - expected) < 1e-4 * Math.sqrt(inputs))) {
            throw new IllegalStateException(shape + ": expected " + expected + ", found " + found);
        }
    }

    /** {@code x W^T} over packed weights. */
    @Benchmark
    public float[] multiply() {
        int panels = Panels.count(rows);
        for (int first = 0; first < panels; first += PackedLayer.CHUNK) {
            int count = Math.min(PackedLayer.CHUNK, panels - first);
            layer.run(
                    x,
                    first * Lanes.PANEL * layer.inputs(),
                    count,
                    Panels.isNarrow(first + count - 1, rows),
                    first == 0,
                    0,
                    layer.tiles(),
                    NONE,
                    out,
                    first * Lanes.PANEL * layer.outputs(),
                    sums);
        }
        return out;
    }

    /** Floating point operations of a call. */
    double operations() {
        return 2.0 * rows * layer.outputs() * layer.inputs();
    }

    /** As many multiply-adds from registers. */
    @Benchmark
    public float peak() {
        double operations = operations();
        float sum = 0;
        for (double done = 0; done < operations; done += MultiplyAddPeak.operations()) {
            sum += MultiplyAddPeak.run();
        }
        return sum;
    }
}
