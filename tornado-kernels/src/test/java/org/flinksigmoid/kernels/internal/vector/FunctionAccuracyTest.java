package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.internal.scalar.ScalarFunctions;
import org.junit.jupiter.api.Test;

/** The error bounds that the functions' documentation states, each over a vector in place. */
class FunctionAccuracyTest {
    private static final int POINTS = 200_000;
    private static final float[] ZEROS = new float[Lanes.PANEL];

    @Test
    void exponentialsKeepTheirRelativeError() {
        assertThat(relative(FunctionAccuracyTest::exp, Math::exp, -87, 87)).isLessThan(2e-7);
        assertThat(relative(FunctionAccuracyTest::power, x -> Math.pow(2, x), -126, 126))
                .isLessThan(1.5e-7);
    }

    @Test
    void exponentialsAddUpTheirValues() {
        float[] x = new float[Lanes.PANEL];
        Arrays.fill(x, 3);
        float[] sums = new float[Lanes.PANEL];
        Exponentials.powersOfTwo(x, ZEROS, sums, 0, 1);
        assertThat(sums[Lanes.LENGTH - 1]).isEqualTo(8);
        Exponentials.sum(x, 0, 1, false, sums);
        assertThat(sums[0]).isEqualTo((float) Math.exp(8));
        assertThat(x[0]).isEqualTo(8);
    }

    @Test
    void sigmoidsAreRelativelyAccurateWhereTheyAreTiny() {
        assertThat(relative(act(Logistic.SIGMOID), ScalarFunctions::sigmoid, -80, 80))
                .isLessThan(3e-7);
        assertThat(
                        relative(
                                FunctionAccuracyTest::powerSigmoid,
                                x -> 1 / (1 + Math.pow(2, x)),
                                -100,
                                100))
                .isLessThan(3e-7);
    }

    @Test
    void activationsKeepTheirErrors() {
        assertThat(relative(act(Logistic.SILU), x -> x * ScalarFunctions.sigmoid(x), -60, 60))
                .isLessThan(4e-7);
        assertThat(worst(act(Logistic.TANH), Math::tanh, -30, 30, x -> 1)).isLessThan(2e-7);
        assertThat(worst(act(new Gelu()), exact(Activation.GELU), -60, 60, Math::abs))
                .isLessThan(3e-7);
        assertThat(
                        worst(
                                act(Logistic.GELU_TANH),
                                exact(Activation.GELU_TANH),
                                -60,
                                60,
                                x -> 1 + Math.abs(x)))
                .isLessThan(4e-7);
    }

    @Test
    void extremesNeitherOverflowNorTurnIntoNumbers() {
        assertThat(at(FunctionAccuracyTest::power, 1e30f)).isEqualTo(0x1p126f);
        assertThat(at(FunctionAccuracyTest::power, -1e30f)).isEqualTo(0x1p-126f);
        assertThat(at(FunctionAccuracyTest::powerSigmoid, 1e30f)).isBetween(0f, 1e-37f);
        assertThat(at(FunctionAccuracyTest::powerSigmoid, -1e30f)).isEqualTo(1f);
        assertThat(at(act(Logistic.SIGMOID), Float.POSITIVE_INFINITY)).isEqualTo(1f);
        assertThat(at(act(Logistic.SIGMOID), Float.NEGATIVE_INFINITY)).isBetween(0f, 1e-37f);
        assertThat(at(act(Logistic.TANH), Float.NEGATIVE_INFINITY)).isEqualTo(-1f);
        assertThat(at(act(new Gelu()), 1e10f)).isEqualTo(1e10f);
        assertThat(at(FunctionAccuracyTest::exp, Float.NaN)).isNaN();
        assertThat(at(FunctionAccuracyTest::power, Float.NaN)).isNaN();
        assertThat(at(FunctionAccuracyTest::powerSigmoid, Float.NaN)).isNaN();
        for (Activation activation : Activation.values()) {
            assertThat(at(act(TileActivation.of(activation)), Float.NaN)).isNaN();
        }
    }

    private static void exp(float[] x) {
        Exponentials.sum(x, 0, 1, true, new float[Lanes.LENGTH]);
    }

    private static void power(float[] x) {
        Exponentials.powersOfTwo(x, ZEROS, new float[Lanes.PANEL], 0, 1);
    }

    private static void powerSigmoid(float[] x) {
        ScorePass.Sigmoid.apply(x, 0, 1, ZEROS, 0);
    }

    private static Consumer<float[]> act(TileActivation activation) {
        return x -> activation.apply(x, 0, 1, 2);
    }

    private static DoubleUnaryOperator exact(Activation activation) {
        return x -> ScalarFunctions.activate(activation, x);
    }

    private static float at(Consumer<float[]> function, float x) {
        float[] lanes = new float[Lanes.PANEL];
        lanes[0] = x;
        function.accept(lanes);
        return lanes[0];
    }

    private static double relative(
            Consumer<float[]> function, DoubleUnaryOperator exact, double low, double high) {
        return worst(function, exact, low, high, x -> Math.abs(exact.applyAsDouble(x)));
    }

    /** Largest error over a range, each divided by {@code unit}. */
    private static double worst(
            Consumer<float[]> function,
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
            float[] y = x.clone();
            function.accept(y);
            for (int lane = 0; lane < x.length; lane++) {
                double error = Math.abs(y[lane] - exact.applyAsDouble(x[lane]));
                worst = Math.max(worst, error / Math.max(unit.applyAsDouble(x[lane]), 1e-30));
            }
        }
        return worst;
    }
}
