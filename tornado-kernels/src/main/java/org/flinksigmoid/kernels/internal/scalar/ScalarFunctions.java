package org.flinksigmoid.kernels.internal.scalar;

import org.flinksigmoid.kernels.backend.Activation;

/** The functions of one number, each computed in double and rounded once. */
public final class ScalarFunctions {
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

    private ScalarFunctions() {}

    /** {@code 1 / (1 + exp(-x))}. */
    public static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /**
     * {@code 2/sqrt(pi)} times the integral of {@code exp(-t^2)} from 0 to x, by the series {@code
     * exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!}, whose terms are all of one sign (Abramowitz and
     * Stegun 7.1.6).
     */
    public static double erf(double x) {
        double magnitude = Math.abs(x);
        if (!(magnitude < 6)) {
            return Double.isNaN(x) ? x : Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
    }

    /** An activation's value at x. */
    public static double activate(Activation activation, double x) {
        return switch (activation) {
            case IDENTITY -> x;
            case RELU -> Math.max(x, 0);
            case GELU -> x / 2 * (1 + erf(x / Math.sqrt(2)));
            case GELU_TANH -> x / 2 * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
            case SILU -> x * sigmoid(x);
            case TANH -> Math.tanh(x);
        };
    }
}
