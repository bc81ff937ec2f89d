package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.PortableAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.WideAttention;

/** A mechanism bound to {@link PortableAttention}, or {@link WideAttention} for wider heads. */
final class FloatAttention {
    private static final int FAR = 1 << 29;

    private final AttentionSpec spec;
    private final int options;
    private final float bias;
    private final Region columns;
    private final Region slopes;

    /** Queries, keys and values start at these columns of their rows. */
    FloatAttention(
            Parameters parameters,
            AttentionSpec spec,
            int queryColumn,
            int keyColumn,
            int valueColumn) {
        this.spec = spec;
        int mechanism =
                switch (spec) {
                    case SigmoidAttention sigmoid ->
                            sigmoid.bias() instanceof Bias.NegativeLogN
                                    ? PortableAttention.LOG_N
                                    : 0;
                    case SoftmaxAttention softmax -> PortableAttention.SOFTMAX;
                };
        this.options =
                mechanism
                        | (spec.mask().causal() ? PortableAttention.CAUSAL : 0)
                        | (spec.alibi() ? PortableAttention.ALIBI : 0);
        this.bias =
                spec instanceof SigmoidAttention sigmoid
                                && sigmoid.bias() instanceof Bias.Fixed fixed
                        ? fixed.value()
                        : 0f;
        this.columns = parameters.ints(queryColumn, keyColumn, valueColumn);
        this.slopes = parameters.floats(Pack.slopes(spec.heads()));
    }

    /** Adds the launch that fills slot {@code out}. */
    void addTo(
            Recording recording,
            Geometry geometry,
            Geometry.Stage stage,
            Region q,
            Region k,
            Region v,
            Region out,
            int stride) {
        int window = spec.mask().window() >= FAR ? Integer.MAX_VALUE : spec.mask().window();
        recording.kernel(
                spec.headDim() > PortableAttention.MAX_HEAD
                        ? WideAttention.class
                        : PortableAttention.class,
                "attend",
                new Grid(stage.items(), spec.heads(), PortableAttention.QUERIES),
                geometry.array(),
                q,
                k,
                v,
                out,
                columns,
                slopes,
                stage.itemsAt(),
                spec.headDim(),
                stride,
                spec.width(),
                options,
                window,
                spec.scale(),
                bias);
    }
}
