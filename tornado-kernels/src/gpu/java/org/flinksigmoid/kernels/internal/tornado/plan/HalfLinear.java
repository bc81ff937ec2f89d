package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.internal.tornado.driver.Matmul;
import org.flinksigmoid.kernels.internal.tornado.kernels.HalfKernels;
import org.flinksigmoid.kernels.internal.tornado.kernels.Pointwise;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * A linear layer in half precision, its weight and bias packed for the library: LayerScale is
 * multiplied into them, heads are spread to their width. ReLU and GELU (both forms in its tanh
 * form, at most 5e-4 apart, which is what fp16 rounds near 1) are fused; other activations follow.
 */
final class HalfLinear {
    private final Region weight;
    private final Region bias;
    private final int inner;
    private final int innerStride;
    private final int outer;
    private final int outerStride;
    private final Activation activation;
    private final boolean accumulate;
    private final boolean floats;

    private HalfLinear(
            Parameters parameters,
            float[] weight,
            float[] bias,
            int inner,
            int innerStride,
            int outer,
            int outerStride,
            Activation activation,
            boolean accumulate,
            boolean floats) {
        this.weight = parameters.halves(weight);
        this.bias = floats ? parameters.floats(bias) : parameters.halves(bias);
        this.inner = inner;
        this.innerStride = innerStride;
        this.outer = outer;
        this.outerStride = outerStride;
        this.activation = activation;
        this.accumulate = accumulate;
        this.floats = floats;
    }

    /** A layer from a dense weight {@code [outer, inner]}. */
    static HalfLinear of(
            Parameters parameters,
            float[] weight,
            int inner,
            int innerStride,
            float[] bias,
            int outer,
            int outerStride,
            Activation activation) {
        return new HalfLinear(
                parameters,
                weight,
                bias,
                inner,
                innerStride,
                outer,
                outerStride,
                activation,
                false,
                false);
    }

    /** A layer from an operation, between slots of these forms; {@code floats} come out dense. */
    static HalfLinear of(
            Parameters parameters,
            Op.Linear op,
            HalfForms.Form in,
            HalfForms.Form out,
            boolean floats) {
        float[] weight = op.weight().toFloats();
        float[] bias = op.bias().map(Tensor::toFloats).orElse(new float[out.width()]);
        float[] scale = op.scale().map(Tensor::toFloats).orElse(new float[0]);
        int inner = in.elements();
        int outer = floats ? out.width() : out.elements();
        float[] spread = new float[Math.multiplyExact(inner, outer)];
        float[] spreadBias = new float[outer];
        for (int o = 0; o < out.width(); o++) {
            float factor = scale.length == 0 ? 1f : scale[o];
            int at = floats ? o : out.at(o);
            spreadBias[at] = factor * bias[o];
            for (int i = 0; i < in.width(); i++) {
                spread[at * inner + in.at(i)] = factor * weight[o * in.width() + i];
            }
        }
        return new HalfLinear(
                parameters,
                spread,
                spreadBias,
                inner,
                in.stride(),
                outer,
                floats ? out.width() : out.stride(),
                op.activation(),
                op.residual().isPresent(),
                floats);
    }

    /** Adds the product, and its activation where the library has none, to a graph. */
    void addTo(GraphBuilder g, int slot, Region in, Region out) {
        Matmul.Epilogue epilogue =
                switch (activation) {
                    case RELU -> Matmul.Epilogue.RELU;
                    case GELU, GELU_TANH -> Matmul.Epilogue.GELU;
                    case IDENTITY, SILU, TANH -> Matmul.Epilogue.BIAS;
                };
        Matmul product =
                new Matmul(
                        g.rows(slot),
                        inner,
                        outer,
                        innerStride,
                        outerStride,
                        epilogue,
                        accumulate,
                        floats ? Matmul.Types.HALVES_TO_FLOATS : Matmul.Types.HALVES);
        g.recording().product(product, weight, in, out, bias);
        if (activation == Activation.SILU || activation == Activation.TANH) {
            g.run(
                    HalfKernels.class,
                    "activate",
                    g.warpGrid(slot),
                    g.geometry().array(),
                    out,
                    g.rowsAt(slot),
                    outer,
                    outerStride,
                    Pointwise.kind(activation));
        }
    }
}
