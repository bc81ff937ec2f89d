package org.flinksigmoid.kernels.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.backend.Activation;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.Task;

/** Collects slots and operations. The first slot is the input. */
final class ProgramBuilder {
    private final ModelConfig config;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Op> ops = new ArrayList<>();

    ProgramBuilder(ModelConfig config) {
        this.config = config;
    }

    /** A new slot's id. */
    int slot(String name, int stage, int width) {
        slots.add(new Slot(slots.size(), name, stage, width));
        return slots.size() - 1;
    }

    void add(Op op) {
        ops.add(op);
    }

    /** {@code out = activation(layer(in))}. */
    void linear(int in, int out, Parameters.Linear layer, Activation activation) {
        add(
                new Op.Linear(
                        in,
                        out,
                        layer.weight(),
                        layer.bias(),
                        activation,
                        Optional.empty(),
                        OptionalInt.empty()));
    }

    /** Stage of the encoder's rows: how many convolutions stand before it. */
    int encoderStage() {
        return config.frontEnd().map(frontEnd -> frontEnd.layers().size()).orElse(0);
    }

    Program build(int output) {
        boolean tokens = config.task() != Task.CTC;
        return new Program(slots, ops, 0, tokens, List.of(output), config.maxInputRows());
    }
}
