package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * A program on the device, for batches of up to one capacity: one captured graph. Not thread-safe.
 */
final class ProgramLaunch {
    private final Program program;
    private final GraphBuilder graph;

    /** Records the program; kernels that are new get compiled. */
    ProgramLaunch(
            Device device,
            Program program,
            List<DeviceStep> steps,
            Capacity capacity,
            Arithmetic arithmetic) {
        this.program = program;
        this.graph = new GraphBuilder(device, program, capacity, arithmetic);
        if (!program.tokens()) {
            graph.floats(program.input());
        }
        for (DeviceStep step : steps) {
            step.addTo(graph);
        }
        for (int output : program.outputs()) {
            graph.floats(output);
        }
    }

    /** Device memory that it takes. */
    long bytes() {
        return graph.recording().bytes();
    }

    /** Takes its memory; on the card's queue, as everything below. */
    void prepare() {
        graph.recording().capture();
    }

    /** Runs a checked batch that fits. */
    float[][] run(RaggedBatch batch, Input input, Card card, Staging staging) {
        List<RaggedBatch> stages = program.stages(batch);
        staging.begin(sentBytes(batch), fetchedBytes(stages));
        switch (input) {
            case Input.TokenIds tokens -> graph.send(staging, stages, tokens.ids(), batch.rows());
            case Input.Features features -> {
                int values = batch.rows() * graph.width(program.input());
                Upload upload = staging.start(features.values(), values);
                graph.send(staging, stages);
                upload.finish(card, graph.floats(program.input()));
            }
        }
        graph.recording().launch();
        MemorySegment[] arriving = new MemorySegment[program.outputs().size()];
        float[][] results = new float[arriving.length][];
        for (int i = 0; i < arriving.length; i++) {
            int slot = program.outputs().get(i);
            int values = values(slot, stages);
            arriving[i] = staging.down(graph.floats(slot), values);
            results[i] = new float[values]; // clearing it is done when the kernels are
        }
        card.synchronize();
        for (int i = 0; i < results.length; i++) {
            MemorySegment.copy(
                    arriving[i], ValueLayout.JAVA_FLOAT, 0, results[i], 0, results[i].length);
        }
        return results;
    }

    /** Runs the kernels alone, on the last batch. */
    void launch() {
        graph.recording().launch();
    }

    private int values(int slot, List<RaggedBatch> stages) {
        return Math.multiplyExact(Program.rows(program.slot(slot), stages), graph.width(slot));
    }

    private long sentBytes(RaggedBatch batch) {
        long features =
                program.tokens()
                        ? 0
                        : Staging.bytes((long) batch.rows() * graph.width(program.input()));
        return graph.stagingBytes() + features;
    }

    private long fetchedBytes(List<RaggedBatch> stages) {
        long bytes = 0;
        for (int output : program.outputs()) {
            bytes += Staging.bytes(values(output, stages));
        }
        return bytes;
    }

    /** Gives everything back. */
    void free() {
        graph.recording().free();
    }
}
