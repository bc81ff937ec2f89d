package org.flinksigmoid.kernels.internal.interpret;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Runs a program's steps one after the other over one {@link Workspace}; calls wait for each other.
 */
public final class InterpretedExecutable implements Executable {
    private final Program program;
    private final Workspace workspace;
    private final Step[] steps;
    private final int[] outputs;
    private final ReentrantLock running = new ReentrantLock();

    /**
     * A program made ready.
     *
     * @param steps one for each of the program's operations, in order
     */
    public InterpretedExecutable(Program program, SlotLayout layout, List<Step> steps) {
        this.program = program;
        this.workspace = new Workspace(program, layout);
        this.steps = steps.toArray(Step[]::new);
        this.outputs = program.outputs().stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public float[][] run(RaggedBatch batch, Input input) {
        InputChecks.requireValid(program, batch, input);
        running.lock();
        try {
            workspace.begin(batch, input);
            for (Step step : steps) {
                step.run(workspace);
            }
            float[][] results = new float[outputs.length][];
            for (int i = 0; i < results.length; i++) {
                results[i] = workspace.copyOf(outputs[i]);
            }
            return results;
        } finally {
            running.unlock();
        }
    }

    @Override
    public void close() {
        // Heap memory only.
    }
}
