package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * A program on the device, for batches of up to one capacity: one captured graph. Used on the
 * card's queue.
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

    /** Takes its memory, and is run on that stream from now on. */
    void prepare(CardStream stream) {
        graph.recording().capture(stream);
    }

    /** Sends token ids, those from an index on, and queues the kernels. */
    void queue(List<RaggedBatch> stages, Staging staging, int[] ids, int from) {
        graph.send(staging, stages, ids, from);
        launch();
    }

    /** Sends features, those from an index on, as they come, and queues the kernels. */
    void queue(List<RaggedBatch> stages, Staging staging, Upload features, int from) {
        graph.send(staging, stages);
        int end = from + stages.getFirst().rows() * graph.width(program.input());
        features.send(from, end, stream(), graph.floats(program.input()));
        launch();
    }

    /** Queues the way of an output's first {@code count} floats to the host. */
    MemorySegment fetch(Staging staging, int output, int count) {
        return staging.down(stream(), graph.floats(output), count);
    }

    CardStream stream() {
        return graph.recording().stream();
    }

    /** Queues the kernels alone, on the last batch. */
    void launch() {
        graph.recording().launch();
    }

    /** Gives everything back, once what is queued has run. */
    void free() {
        if (stream() != null) {
            stream().synchronize();
        }
        graph.recording().free();
    }
}
