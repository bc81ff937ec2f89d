package org.flinksigmoid.kernels.nn;

import java.util.List;
import java.util.function.IntFunction;
import org.flinksigmoid.kernels.checkpoint.Family;
import org.flinksigmoid.kernels.checkpoint.Weights;

/**
 * What a checkpoint family calls its parameters, without the last part ({@code .weight}, {@code
 * .bias}).
 *
 * @param wordEmbeddings table of token embeddings
 * @param positionEmbeddings table of learned positions
 * @param tokenTypeEmbeddings table of token types; empty if the family has none
 * @param embeddingNorm layer norm after the embeddings; empty if the family has none
 * @param embeddingProjection linear layer after that, where embeddings have another width than the
 *     encoder
 * @param finalNorm layer norm after the last layer
 * @param pooler linear layer before a classification head; empty if the family has none
 * @param head the output layer
 * @param whole what names begin with that the model has to read, whatever config.json asks for
 * @param layers names inside a layer
 */
record EncoderNames(
        String wordEmbeddings,
        String positionEmbeddings,
        String tokenTypeEmbeddings,
        String embeddingNorm,
        String embeddingProjection,
        String finalNorm,
        String pooler,
        String head,
        List<String> whole,
        IntFunction<Layer> layers) {
    /**
     * Names inside a layer.
     *
     * @param attention its attention branch: norm, post norm and LayerScale
     * @param query query projection
     * @param key key projection
     * @param value value projection
     * @param output output projection
     * @param queryNorm QK norm of queries
     * @param keyNorm QK norm of keys
     * @param feedForward its feed-forward branch
     * @param up first linear layer of the feed-forward network
     * @param down second one
     */
    record Layer(
            Branch attention,
            String query,
            String key,
            String value,
            String output,
            String queryNorm,
            String keyNorm,
            Branch feedForward,
            String up,
            String down) {}

    /**
     * Names of a residual branch.
     *
     * @param norm layer norm before it (or after the sum, with post norm)
     * @param postNorm hybrid norm's second one
     * @param scale LayerScale's factors, the whole name
     */
    record Branch(String norm, String postNorm, String scale) {}

    static EncoderNames of(Family family, Weights weights) {
        return switch (family) {
            case FLINK_SIGMOID -> contract();
            case BERT -> {
                String prefix = prefix(weights, "bert.");
                yield bert(prefix, prefix + "pooler.dense", "classifier");
            }
            case ROBERTA, XLM_ROBERTA, CAMEMBERT ->
                    bert(prefix(weights, "roberta."), "classifier.dense", "classifier.out_proj");
            case ELECTRA ->
                    bert(prefix(weights, "electra."), "classifier.dense", "classifier.out_proj");
            case DISTILBERT -> distilBert(prefix(weights, "distilbert."));
        };
    }

    private static EncoderNames contract() {
        return new EncoderNames(
                "embeddings.word_embeddings",
                "embeddings.position_embeddings",
                "",
                "",
                "",
                "encoder.final_norm",
                "",
                "head",
                List.of("embeddings.", "frontend.", "encoder."),
                index -> {
                    String layer = "encoder.layers." + index;
                    String attention = layer + ".attn";
                    String feedForward = layer + ".ffn";
                    return new Layer(
                            contractBranch(attention),
                            attention + ".q",
                            attention + ".k",
                            attention + ".v",
                            attention + ".o",
                            attention + ".q_norm",
                            attention + ".k_norm",
                            contractBranch(feedForward),
                            feedForward + ".up",
                            feedForward + ".down");
                });
    }

    private static Branch contractBranch(String name) {
        return new Branch(name + ".norm", name + ".post_norm", name + ".layer_scale");
    }

    private static EncoderNames distilBert(String prefix) {
        String embeddings = prefix + "embeddings.";
        String transformer = prefix + "transformer.";
        return new EncoderNames(
                embeddings + "word_embeddings",
                embeddings + "position_embeddings",
                "",
                embeddings + "LayerNorm",
                "",
                "",
                "pre_classifier",
                "classifier",
                List.of(embeddings, transformer),
                index -> {
                    String layer = transformer + "layer." + index + ".";
                    return new Layer(
                            new Branch(layer + "sa_layer_norm", "", ""),
                            layer + "attention.q_lin",
                            layer + "attention.k_lin",
                            layer + "attention.v_lin",
                            layer + "attention.out_lin",
                            "",
                            "",
                            new Branch(layer + "output_layer_norm", "", ""),
                            layer + "ffn.lin1",
                            layer + "ffn.lin2");
                });
    }

    private static String prefix(Weights weights, String prefix) {
        return weights.has(prefix + "embeddings.word_embeddings.weight") ? prefix : "";
    }

    private static EncoderNames bert(String prefix, String pooler, String head) {
        String embeddings = prefix + "embeddings.";
        return new EncoderNames(
                embeddings + "word_embeddings",
                embeddings + "position_embeddings",
                embeddings + "token_type_embeddings",
                embeddings + "LayerNorm",
                prefix + "embeddings_project",
                "",
                pooler,
                head,
                List.of(embeddings, prefix + "embeddings_project.", prefix + "encoder."),
                index -> {
                    String layer = prefix + "encoder.layer." + index + ".";
                    return new Layer(
                            new Branch(layer + "attention.output.LayerNorm", "", ""),
                            layer + "attention.self.query",
                            layer + "attention.self.key",
                            layer + "attention.self.value",
                            layer + "attention.output.dense",
                            "",
                            "",
                            new Branch(layer + "output.LayerNorm", "", ""),
                            layer + "intermediate.dense",
                            layer + "output.dense");
                });
    }
}
