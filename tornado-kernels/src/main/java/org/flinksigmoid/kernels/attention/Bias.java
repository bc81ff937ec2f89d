package org.flinksigmoid.kernels.attention;

/**
 * The scalar {@code b} that sigmoid attention adds to every logit (arXiv 2409.04431, section 2): it
 * stands where softmax has its normalisation.
 */
public sealed interface Bias {
    /**
     * The same number for every query, as -10 for speech. With it, attention over parts of the keys
     * adds up to attention over all of them.
     *
     * @param value finite
     */
    record Fixed(float value) implements Bias {
        public Fixed {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException(
                        "attention.bias: expected a finite number, found " + value);
            }
        }
    }

    /** {@code -ln n}, where n counts the keys that this query may attend to in its own sequence. */
    record NegativeLogN() implements Bias {}
}
