package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.internal.scalar.ScalarFunctions;
import org.junit.jupiter.api.Test;

class VectorMathTest {
    private static final int POINTS = 200_000;

    @Test
    void exponentialsKeepTheirRelativeError() {
        assertThat(relative(VectorMath::exp, Math::exp, -87, 87)).isLessThan(2e-7);
        assertThat(relative(VectorMath::exp2, x -> Math.pow(2, x), -126, 126)).isLessThan(1.5e-7);
    }

    @Test
    void sigmoidIsRelativelyAccurateWhereItIsTiny() {
        assertThat(relative(VectorMath::sigmoid, ScalarFunctions::sigmoid, -80, 80))
                .isLessThan(3e-7);
    }

    @Test
    void activationsKeepTheirErrors() {
        assertThat(relative(VectorMath::silu, x -> x * ScalarFunctions.sigmoid(x), -60, 60))
                .isLessThan(4e-7);
        assertThat(worst(VectorMath::tanh, Math::tanh, -30, 30, x -> 1)).isLessThan(2e-7);
        assertThat(
                        worst(
                                VectorMath::gelu,
                                x -> ScalarFunctions.activate(Activation.GELU, x),
                                -60,
                                60,
                                Math::abs))
                .isLessThan(3e-7);
        assertThat(
                        worst(
                                VectorMath::geluTanh,
                                x -> ScalarFunctions.activate(Activation.GELU_TANH, x),
                                -60,
                                60,
                                x -> 1 + Math.abs(x)))
                .isLessThan(4e-7);
    }

    @Test
    void extremesNeitherOverflowNorTurnIntoNumbers() {
        assertThat(at(VectorMath::exp2, 1e30f)).isEqualTo(0x1p126f);
        assertThat(at(VectorMath::exp2, -1e30f)).isEqualTo(0x1p-126f);
        assertThat(at(VectorMath::sigmoid, Float.POSITIVE_INFINITY)).isEqualTo(1f);
        assertThat(at(VectorMath::sigmoid, Float.NEGATIVE_INFINITY)).isBetween(0f, 1e-37f);
        assertThat(at(VectorMath::gelu, 1e10f)).isEqualTo(1e10f);
        assertThat(at(VectorMath::exp, Float.NaN)).isNaN();
        assertThat(at(VectorMath::exp2, Float.NaN)).isNaN();
        assertThat(at(VectorMath::gelu, Float.NaN)).isNaN();
    }

    private static float at(UnaryOperator<FloatVector> function, float x) {
        return function.apply(VectorMath.broadcast(x)).lane(0);
    }

    private static double relative(
            UnaryOperator<FloatVector> function,
            DoubleUnaryOperator exact,
            double low,
            double high) {
        return worst(function, exact, low, high, x -> Math.abs(exact.applyAsDouble(x)));
    }

    /** Largest error over a range, each divided by {@code unit}. */
    private static double worst(
            UnaryOperator<FloatVector> function,
            DoubleUnaryOperator exact,
            double low,
            double high,
            DoubleUnaryOperator unit) {
        double worst = 0;
        float[] x = new float[Lanes.LENGTH];
        for (int i = 0; i < POINTS; i += x.length) {
            for (int lane = 0; lane < x.length; lane++) {
                x[lane] = (float) (low + (high - low) * (i + lane) / POINTS);
            }
            FloatVector y = function.apply(FloatVector.fromArray(Lanes.FLOATS, x, 0));
            for (int lane = 0; lane < x.length; lane++) {
                double error = Math.abs(y.lane(lane) - exact.applyAsDouble(x[lane]));
                worst = Math.max(worst, error / Math.max(unit.applyAsDouble(x[lane]), 1e-30));
            }
        }
        return worst;
    }
}
