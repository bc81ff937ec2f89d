package org.flinksigmoid.kernels.nn;

import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.checkpoint.ActivationKind;

/** From the names of config.json to what backends compute. */
final class Activations {
    private Activations() {}

    static Activation of(ActivationKind kind) {
        return switch (kind) {
            case RELU -> Activation.RELU;
            case GELU -> Activation.GELU;
            case GELU_NEW -> Activation.GELU_TANH;
            case SILU -> Activation.SILU;
            case TANH -> Activation.TANH;
            case LINEAR -> Activation.IDENTITY;
        };
    }
}
