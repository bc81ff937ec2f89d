package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.junit.jupiter.api.Test;

class KernelCallsTest {
    private static final Mask CAUSAL = new Mask(true, Mask.UNLIMITED);

    @Test
    void everyKernelOfEveryProgramCanBeCalledInAllItsWays() {
        Map<Object, KernelCalls.Call> calls = new HashMap<>();
        for (WeightFormat format : WeightFormat.values()) {
            calls.putAll(KernelCalls.common(format));
        }
        for (Activation activation : Activation.values()) {
            calls.putAll(KernelCalls.of(TestPrograms.encoder(activation)));
        }
        for (AttentionSpec spec : specs()) {
            calls.putAll(KernelCalls.of(spec));
        }
        for (Op.RowKind kind : Op.RowKind.values()) {
            calls.putAll(KernelCalls.of(rowFunction(kind)));
        }
        assertThat(calls.keySet())
                .contains("tile of " + Lanes.LONG_TILE, "narrow tile of " + Lanes.LONG_TILE)
                .contains("tile of " + Lanes.TILE, "narrow tile of " + Lanes.TILE)
                .contains("residual", "shift", NormSteps.class)
                .contains(TileActivation.Relu.class, Gelu.class, Logistic.class)
                .contains(ScorePass.Sigmoid.class, ScorePass.Hide.class, ScorePass.Distance.class)
                .contains(ScorePass.Totals.class, ScorePass.Sum.class, RotaryStep.class)
                .contains(LaneFunction.LogSoftmax.class, LaneFunction.Normalize.class);
        calls.values()
                .forEach(
                        call -> {
                            for (int turn = 0; turn < KernelCalls.TURNS; turn++) {
                                call.run(turn);
                            }
                        });
    }

    @Test
    void aProgramWarmsUpNoKernelThatItDoesNotRun() {
        assertThat(KernelCalls.of(TestPrograms.encoder(Activation.RELU)).keySet())
                .containsExactlyInAnyOrder(
                        TileActivation.Relu.class,
                        RotaryStep.class,
                        ScorePass.Sigmoid.class,
                        "residual",
                        LaneFunction.LogSoftmax.class,
                        LaneFunction.Normalize.class);
    }

    private static List<AttentionSpec> specs() {
        List<AttentionSpec> specs = new ArrayList<>();
        for (Mask mask : List.of(Mask.NONE, CAUSAL)) {
            for (boolean alibi : new boolean[] {false, true}) {
                specs.add(new SigmoidAttention(2, 8, 1, new Bias.NegativeLogN(), mask, alibi));
                specs.add(new SoftmaxAttention(2, 8, 1, mask, alibi));
            }
        }
        return specs;
    }

    private static Program rowFunction(Op.RowKind kind) {
        return new Program(
                List.of(new Slot(0, "x", 0, 4)),
                List.of(new Op.ResidualAdd(0, 0, Optional.empty()), new Op.RowFunction(0, 0, kind)),
                0,
                false,
                List.of(0),
                10);
    }
}
