package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.PortableAttention;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A mechanism bound to {@link PortableAttention}. */
final class FloatAttention {
    private static final int FAR = 1 << 29;

    private final AttentionSpec spec;
    private final int options;
    private final float bias;
    private final IntArray columns;
    private final FloatArray slopes;

    /** Queries, keys and values start at these columns of their rows. */
    FloatAttention(AttentionSpec spec, int queryColumn, int keyColumn, int valueColumn) {
        if (spec.headDim() > PortableAttention.MAX_HEAD) {
            throw new IllegalArgumentException(
                    "head dimension: expected at most %d, found %d"
                            .formatted(PortableAttention.MAX_HEAD, spec.headDim()));
        }
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
        this.columns = IntArray.fromElements(queryColumn, keyColumn, valueColumn);
        float[] values = new float[spec.heads()];
        for (int head = 0; head < values.length; head++) {
            values[head] = AttentionSpec.alibiSlope(head, spec.heads());
        }
        this.slopes = FloatArray.fromArray(values);
    }

    /** Adds the launch that fills slot {@code out}. */
    void addTo(
            TaskList tasks,
            String slot,
            Geometry geometry,
            Geometry.Stage stage,
            FloatArray q,
            FloatArray k,
            FloatArray v,
            FloatArray out,
            int stride) {
        tasks.resident(columns, slopes);
        int window = spec.mask().window() >= FAR ? Integer.MAX_VALUE : spec.mask().window();
        tasks.graph()
                .task(
                        tasks.task(
                                "attention",
                                slot,
                                TaskList.grid(
                                        stage.items(), spec.heads(), PortableAttention.QUERIES)),
                        PortableAttention::attend,
                        tasks.context(),
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
