package org.flinksigmoid.kernels.nn;

import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.checkpoint.DenseConfig;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.Task;

/** From the encoder's rows to the task's output. */
final class Heads {
    private final ModelConfig config;
    private final ProgramBuilder builder;
    private final Parameters parameters;
    private final EncoderNames names;
    private final int x;

    Heads(
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
    }

    /** The slot that holds the output. */
    int build() {
        return switch (config.task()) {
            case CTC -> head(x, builder.encoderStage(), Op.RowKind.LOG_SOFTMAX);
            case TEXT_CLASSIFICATION ->
                    head(classificationInput(), Slot.PER_SEQUENCE, Op.RowKind.SOFTMAX);
            case SCORE -> head(classificationInput(), Slot.PER_SEQUENCE, Op.RowKind.SIGMOID);
            case EMBEDDING -> embedding();
        };
    }

    private int embedding() {
        int vector = pool(poolingKind());
        for (DenseConfig dense : config.dense()) {
            int in = vector;
            vector = builder.slot(dense.folder(), Slot.PER_SEQUENCE, dense.outputs());
            Parameters.Linear layer =
                    parameters.head(
                            dense.folder() + "/linear",
                            dense.outputs(),
                            dense.inputs(),
                            dense.bias());
            builder.linear(in, vector, layer, Activations.of(dense.activation()));
        }
        if (config.normalize()) {
            builder.add(new Op.RowFunction(vector, vector, Op.RowKind.L2_NORMALIZE));
        }
        return vector;
    }

    /** A family with a pooler classifies a function of a linear layer over the first row. */
    private int classificationInput() {
        if (names.pooler().isEmpty()) {
            return pool(poolingKind());
        }
        int first = pool(Op.Pooling.FIRST);
        int out = builder.slot("pooler", Slot.PER_SEQUENCE, config.hiddenSize());
        Activation activation =
                switch (config.family()) {
                    case DISTILBERT -> Activation.RELU;
                    case ELECTRA -> Activation.GELU;
                    default -> Activation.TANH;
                };
        linear(first, out, names.pooler(), config.hiddenSize(), activation);
        return out;
    }

    private Op.Pooling poolingKind() {
        return switch (config.pooling()) {
            case MEAN -> Op.Pooling.MEAN;
            case CLS -> Op.Pooling.FIRST;
            case MAX -> Op.Pooling.MAX;
        };
    }

    private int pool(Op.Pooling kind) {
        int pooled = builder.slot("pooled", Slot.PER_SEQUENCE, config.hiddenSize());
        builder.add(new Op.Pool(x, pooled, kind));
        return pooled;
    }

    private int head(int in, int stage, Op.RowKind end) {
        int out = builder.slot(config.task() == Task.SCORE ? "score" : "labels", stage, outputs());
        linear(in, out, names.head(), outputs(), Activation.IDENTITY);
        builder.add(new Op.RowFunction(out, out, end));
        return out;
    }

    private int outputs() {
        return config.outputSize();
    }

    private void linear(int in, int out, String name, int outputs, Activation activation) {
        Parameters.Linear layer = parameters.head(name, outputs, config.hiddenSize(), true);
        builder.linear(in, out, layer, activation);
    }
}
