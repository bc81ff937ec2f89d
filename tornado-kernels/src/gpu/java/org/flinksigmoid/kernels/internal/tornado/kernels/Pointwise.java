package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.backend.Activation;
import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Elementwise functions, in float. A kernel's {@code kind} is a constant of its compilation, so
 * that one branch is left.
 */
public final class Pointwise {
    private static final float SQRT_HALF = 0.70710678f;
    private static final float SQRT_2_OVER_PI = 0.7978845608f;

    private Pointwise() {}

    /** The stable code of an activation. */
    public static int kind(Activation activation) {
        return switch (activation) {
            case IDENTITY -> 0;
            case RELU -> 1;
            case GELU -> 2;
            case GELU_TANH -> 3;
            case SILU -> 4;
            case TANH -> 5;
        };
    }

    /** The activation of that code. */
    static float activate(int kind, float x) {
        float y = x;
        if (kind == 1) {
            y = Math.max(x, 0f);
        } else if (kind == 2) {
            y = 0.5f * x * (1f + erf(x * SQRT_HALF));
        } else if (kind == 3) {
            y = 0.5f * x * (1f + tanh(SQRT_2_OVER_PI * (x + 0.044715f * x * x * x)));
        } else if (kind == 4) {
            y = x * sigmoid(x);
        } else if (kind == 5) {
            y = tanh(x);
        }
        return y;
    }

    /** {@code 1 / (1 + exp(-x))}, to the last digits also where it is near 0. */
    static float sigmoid(float x) {
        return 1f / (1f + TornadoMath.exp(-x));
    }

    /** {@code (1 - e) / (1 + e)}, {@code e = exp(-2 |x|)}; for small x its series. */
    static float tanh(float x) {
        float square = x * x;
        float series = x * (1f + square * (-0.33333333f + square * 0.13333333f));
        float e = TornadoMath.exp(-2f * Math.abs(x));
        float t = (1f - e) / (1f + e);
        float large = x < 0f ? -t : t;
        return square < 0.0025f ? series : large;
    }

    /** Abramowitz and Stegun, 7.1.26: error below 1.5e-7. */
    static float erf(float x) {
        float a = Math.abs(x);
        float t = 1f / (1f + 0.3275911f * a);
        float p =
                t
                        * (0.254829592f
                                + t
                                        * (-0.284496736f
                                                + t
                                                        * (1.421413741f
                                                                + t
                                                                        * (-1.453152027f
                                                                                + t
                                                                                        * 1.061405429f))));
        float y = 1f - p * TornadoMath.exp(-a * a);
        return x < 0f ? -y : y;
    }
}
