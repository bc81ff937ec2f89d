package org.flinksigmoid.kernels.checkpoint;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The {@code attention} object of config.json.
 *
 * @param type sigmoid or softmax
 * @param bias a fixed number added to every logit; empty for {@code "-log_n"}, n the keys that a
 *     query may attend to. Softmax ignores it
 * @param qkNorm whether queries and keys are normalised per head
 * @param temperature divides the logits, besides {@code sqrt(head width)}
 * @param causal whether a query sees no later key
 * @param slidingWindow how far a query sees in either direction; empty for everything
 */
public record AttentionConfig(
        Mechanism type,
        Optional<Double> bias,
        boolean qkNorm,
        double temperature,
        boolean causal,
        OptionalInt slidingWindow) {
    /** Plain softmax over every key. */
    public static AttentionConfig softmax() {
        return new AttentionConfig(
                Mechanism.SOFTMAX, Optional.empty(), false, 1.0, false, OptionalInt.empty());
    }

    static AttentionConfig read(ConfigFields fields) {
        Mechanism type = fields.choice("type", Mechanism.values());
        AttentionConfig config =
                new AttentionConfig(
                        type,
                        bias(fields),
                        fields.flag("qk_norm", false),
                        fields.number("temperature", 1e-4, 1e4, 1.0),
                        fields.flag("causal", false),
                        fields.has("sliding_window")
                                ? OptionalInt.of(fields.integer("sliding_window", 0, 1 << 20))
                                : OptionalInt.empty());
        fields.refuseUnused();
        return config;
    }

    private static Optional<Double> bias(ConfigFields fields) {
        String expected = "\"-log_n\" or a number from -1000 to 1000";
        if (!fields.has("bias")) {
            return Optional.empty();
        }
        if (fields.isText("bias")) {
            String text = fields.text("bias").orElseThrow();
            if (!text.equals("-log_n")) {
                throw fields.bad("bias", expected, '"' + Quoted.of(text) + '"');
            }
            return Optional.empty();
        }
        return Optional.of(fields.number("bias", -1000, 1000));
    }
}
