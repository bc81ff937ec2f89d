package org.flinksigmoid.kernels.nn;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.checkpoint.AttentionConfig;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.NormPlacement;
import org.flinksigmoid.kernels.checkpoint.PositionKind;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * The encoder's layers over one residual stream {@code x}. Every layer uses the same few slots, so
 * scratch doesn't grow with depth.
 */
final class EncoderLayers {
    private final ModelConfig config;
    private final ProgramBuilder builder;
    private final Parameters parameters;
    private final EncoderNames names;
    private final AttentionSpec spec;
    private final float eps;
    private final int width;

    /** The residual stream. */
    private final int x;

    /** What goes into a branch, then what attention gives. */
    private final int branch;

    /** Queries, keys and values side by side. */
    private final int projections;

    private final int inner;

    /** Output of a branch that is normalised before it is added. */
    private final OptionalInt result;

    EncoderLayers(
            ModelConfig config,
            ProgramBuilder builder,
            Parameters parameters,
            EncoderNames names,
            int x) {
        this.config = config;
        this.builder = builder;
        this.parameters = parameters;
        this.names = names;
        this.x = x;
        this.spec = spec(config);
        this.eps = (float) config.layerNormEps();
        this.width = config.hiddenSize();
        int stage = builder.encoderStage();
        this.branch = builder.slot("branch", stage, width);
        this.projections = builder.slot("q|k|v", stage, 3 * width);
        this.inner = builder.slot("inner", stage, config.intermediateSize());
        this.result =
                config.norm() == NormPlacement.HYBRID
                        ? OptionalInt.of(builder.slot("result", stage, width))
                        : OptionalInt.empty();
    }

    private static AttentionSpec spec(ModelConfig config) {
        AttentionConfig attention = config.attention();
        float scale = (float) (1 / (Math.sqrt(config.headSize()) * attention.temperature()));
        Mask mask = new Mask(attention.causal(), attention.slidingWindow().orElse(Mask.UNLIMITED));
        boolean alibi = config.position().type() == PositionKind.ALIBI;
        int heads = config.heads();
        int headSize = config.headSize();
        return switch (attention.type()) {
            case SIGMOID -> {
                Bias bias =
                        attention
                                .bias()
                                .<Bias>map(value -> new Bias.Fixed(value.floatValue()))
                                .orElseGet(Bias.NegativeLogN::new);
                yield new SigmoidAttention(heads, headSize, scale, bias, mask, alibi);
            }
            case SOFTMAX -> new SoftmaxAttention(heads, headSize, scale, mask, alibi);
        };
    }

    void add(int index) {
        EncoderNames.Layer layer = names.layers().apply(index);
        int in = begin(layer.attention());
        Parameters.Linear qkv =
                parameters.fused(List.of(layer.query(), layer.key(), layer.value()), width, width);
        builder.linear(in, projections, qkv, Activation.IDENTITY);
        if (config.attention().qkNorm()) {
            headNorm(layer.queryNorm(), 0);
            headNorm(layer.keyNorm(), width);
        }
        if (config.position().type() == PositionKind.ROPE) {
            rotary(0);
            rotary(width);
        }
        builder.add(new Op.Attention(spec, projections, 0, width, 2 * width, branch));
        end(layer.attention(), branch, parameters.linear(layer.output(), width, width));

        in = begin(layer.feedForward());
        Parameters.Linear up = parameters.linear(layer.up(), config.intermediateSize(), width);
        builder.linear(in, inner, up, Activations.of(config.activation()));
        Parameters.Linear down = parameters.linear(layer.down(), width, config.intermediateSize());
        end(layer.feedForward(), inner, down);
    }

    void addFinalNorm() {
        if (config.norm() != NormPlacement.POST) {
            norm(names.finalNorm(), x, x);
        }
    }

    /** The slot that a branch reads. */
    private int begin(EncoderNames.Branch names) {
        if (config.norm() == NormPlacement.POST) {
            return x;
        }
        norm(names.norm(), x, branch);
        return branch;
    }

    /** The last linear layer of a branch, and its sum with the residual stream. */
    private void end(EncoderNames.Branch names, int in, Parameters.Linear last) {
        Optional<Tensor> scale =
                config.layerScale()
                        ? Optional.of(parameters.vector(names.scale(), width))
                        : Optional.empty();
        if (result.isPresent()) {
            int out = result.getAsInt();
            builder.linear(in, out, last, Activation.IDENTITY);
            norm(names.postNorm(), out, out);
            builder.add(new Op.ResidualAdd(out, x, scale));
            return;
        }
        builder.add(
                new Op.Linear(
                        in,
                        x,
                        last.weight(),
                        last.bias(),
                        Activation.IDENTITY,
                        scale,
                        OptionalInt.of(x)));
        if (config.norm() == NormPlacement.POST) {
            norm(names.norm(), x, x);
        }
    }

    private void norm(String name, int in, int out) {
        Parameters.Norm norm = parameters.norm(name, width);
        builder.add(new Op.LayerNorm(in, out, norm.gain(), Optional.of(norm.bias()), eps));
    }

    private void headNorm(String name, int column) {
        Tensor gain = parameters.vector(name + ".weight", config.headSize());
        builder.add(
                new Op.HeadNorm(projections, column, config.heads(), config.headSize(), gain, eps));
    }

    private void rotary(int column) {
        double theta = config.position().theta();
        builder.add(new Op.Rotary(projections, column, config.heads(), config.headSize(), theta));
    }
}
