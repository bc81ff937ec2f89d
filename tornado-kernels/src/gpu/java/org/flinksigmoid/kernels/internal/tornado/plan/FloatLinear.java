package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.OptionalInt;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.internal.tornado.driver.Matmul;
import org.flinksigmoid.kernels.internal.tornado.kernels.Pointwise;
import org.flinksigmoid.kernels.internal.tornado.kernels.RowKernels;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * A linear layer in float by the library, which multiplies floats as they are (no TF32). LayerScale
 * is multiplied into weight and bias; ReLU is fused, other activations follow.
 */
final class FloatLinear {
    private final Region weight;
    private final Region bias;
    private final int inner;
    private final int outer;
    private final Activation activation;
    private final boolean accumulate;

    private FloatLinear(
            Parameters parameters,
            float[] weight,
            float[] bias,
            Activation activation,
            boolean accumulate) {
        this.weight = parameters.floats(weight);
        this.bias = parameters.floats(bias);
        this.outer = bias.length;
        this.inner = weight.length / bias.length;
        this.activation = activation;
        this.accumulate = accumulate;
    }

    /** A layer from a dense weight {@code [outer, inner]}. */
    static FloatLinear of(
            Parameters parameters, float[] weight, float[] bias, Activation activation) {
        return new FloatLinear(parameters, weight, bias, activation, false);
    }

    /** Whether the library does all of an operation. */
    static boolean does(Op.Linear op) {
        boolean bends = op.activation() != Activation.IDENTITY;
        boolean adds = op.residual().isPresent();
        return adds
                ? !bends && op.residual().equals(OptionalInt.of(op.out()))
                : !(bends && op.scale().isPresent());
    }

    /** A layer from an operation that it {@link #does}. */
    static FloatLinear of(Parameters parameters, Op.Linear op, int inner, int outer) {
        float[] weight = op.weight().toFloats();
        float[] bias = op.bias().map(Tensor::toFloats).orElse(new float[outer]);
        if (op.scale().isPresent()) {
            float[] scale = op.scale().get().toFloats();
            weight = weight.clone();
            bias = bias.clone();
            for (int o = 0; o < outer; o++) {
                bias[o] *= scale[o];
                for (int i = 0; i < inner; i++) {
                    weight[o * inner + i] *= scale[o];
                }
            }
        }
        return new FloatLinear(
                parameters, weight, bias, op.activation(), op.residual().isPresent());
    }

    /** Adds the product, and its activation where the library has none, to a graph. */
    void addTo(GraphBuilder g, int slot, Region in, Region out) {
        boolean fused = activation == Activation.RELU;
        Matmul product =
                new Matmul(
                        g.rows(slot),
                        inner,
                        outer,
                        inner,
                        outer,
                        fused ? Matmul.Epilogue.RELU : Matmul.Epilogue.BIAS,
                        accumulate,
                        Matmul.Types.FLOATS);
        g.recording().product(product, weight, in, out, bias);
        if (!fused && activation != Activation.IDENTITY) {
            g.run(
                    RowKernels.class,
                    "activate",
                    g.warpGrid(slot),
                    g.geometry().array(),
                    out,
                    g.rowsAt(slot),
                    outer,
                    Pointwise.kind(activation));
        }
    }
}
