package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A program on the device, for batches of up to one capacity. Not thread-safe. */
final class ProgramLaunch implements AutoCloseable {
    private final Program program;
    private final GraphBuilder graph;
    private final DevicePlan plan;

    ProgramLaunch(
            Program program, List<DeviceStep> steps, Capacity capacity, TornadoDevice device) {
        this.program = program;
        this.graph = new GraphBuilder(program, capacity);
        if (!program.tokens()) {
            graph.tasks().fresh(graph.floats(program.input()));
        }
        for (DeviceStep step : steps) {
            step.addTo(graph);
        }
        for (int output : program.outputs()) {
            graph.tasks().result(graph.floats(output));
        }
        this.plan = graph.tasks().plan(device, true);
    }

    /** Runs a checked batch that fits. */
    float[][] run(RaggedBatch batch, Input input) {
        List<RaggedBatch> stages = program.stages(batch);
        graph.fill(stages);
        switch (input) {
            case Input.TokenIds tokens -> graph.geometry().ids(tokens.ids(), batch.rows());
            case Input.Features features -> {
                int values = batch.rows() * graph.width(program.input());
                MemorySegment.copy(
                        features.values(),
                        0,
                        graph.floats(program.input()).getSegment(),
                        ValueLayout.JAVA_FLOAT,
                        0,
                        values);
            }
        }
        plan.execute();
        float[][] results = new float[program.outputs().size()][];
        for (int i = 0; i < results.length; i++) {
            int slot = program.outputs().get(i);
            results[i] = new float[Program.rows(program.slot(slot), stages) * graph.width(slot)];
            FloatArray values = graph.floats(slot);
            MemorySegment.copy(
                    values.getSegment(),
                    ValueLayout.JAVA_FLOAT,
                    0,
                    results[i],
                    0,
                    results[i].length);
        }
        return results;
    }

    @Override
    public void close() {
        plan.close();
    }
}
