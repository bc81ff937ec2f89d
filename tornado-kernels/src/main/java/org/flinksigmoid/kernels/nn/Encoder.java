package org.flinksigmoid.kernels.nn;

import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.Weights;

/**
 * A transformer encoder with its input and its head, as a {@link Program}. Programs hold views of
 * the checkpoint's weights: prepare them while its file is open.
 */
public final class Encoder {
    private Encoder() {}

    /**
     * The whole model: its one output is {@code [steps, labels]} log-probabilities for CTC, {@code
     * [texts, labels]} probabilities, {@code [texts, 1]} probabilities for scores, {@code [texts,
     * hidden size]} vectors.
     *
     * @throws CheckpointException if a parameter is missing, mis-shaped, of another type or not
     *     finite, or if there is one in the encoder that config.json doesn't ask for
     */
    public static Program program(ModelConfig config, Weights weights) {
        ProgramBuilder builder = new ProgramBuilder(config);
        Parameters parameters = new Parameters(config, weights);
        EncoderNames names = EncoderNames.of(config.family(), weights);
        requireNoUnsaidHead(config, weights, names.head() + ".weight");
        int x = new InputLayers(config, builder, parameters, names).build();
        EncoderLayers layers = new EncoderLayers(config, builder, parameters, names, x);
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer);
        }
        layers.addFinalNorm();
        Program program = builder.build(new Heads(config, builder, parameters, names, x).build());
        names.whole().forEach(weights::requireAllTaken);
        config.dense().forEach(dense -> weights.requireAllTaken(dense.folder() + "/"));
        return program;
    }

    /** Hugging Face would make labels of it where it is asked to, and an embedding elsewhere. */
    private static void requireNoUnsaidHead(ModelConfig config, Weights weights, String head) {
        if (!config.taskSaid() && weights.has(head)) {
            throw new CheckpointException(
                    ModelConfig.FILE,
                    "task",
                    "\"text-classification\" or \"score\" for %s of the weights, or \"embedding\""
                                    .formatted(head)
                            + " for the encoder alone",
                    "nothing, nor such a head in architectures");
        }
    }
}
