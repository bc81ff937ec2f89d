package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.List;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.interpret.InputChecks;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program on the device. Its parameters are there once; each capacity that batches need gets its
 * graph when the first one comes, if the device's free memory holds it. Runs of several threads
 * overlap: the card's queue is held while work is queued, not while it is awaited.
 */
final class ProgramExecutable implements Executable {
    private static final Logger LOG = LoggerFactory.getLogger(ProgramExecutable.class);

    private final Device device;
    private final Card card;
    private final Program program;
    private final Arithmetic arithmetic;
    private final Parameters parameters = new Parameters();
    private final ProgramGraphs graphs;
    private final StagingPool stagings;
    private volatile long parameterBytes;
    private volatile boolean closed;

    /**
     * A program whose parameters go to the device now.
     *
     * @param arithmetic what it computes with
     */
    ProgramExecutable(Device device, Program program, Arithmetic arithmetic) {
        this.device = device;
        this.card = device.card();
        this.program = program;
        this.arithmetic = arithmetic;
        List<DeviceStep> steps =
                switch (arithmetic) {
                    case PORTABLE -> new FloatSteps(program, parameters, false).all();
                    case FLOAT -> new FloatSteps(program, parameters, true).all();
                    case HALF -> HalfSteps.of(program, parameters);
                };
        this.graphs = new ProgramGraphs(device, program, arithmetic, steps);
        this.stagings = new StagingPool(card, device.crew());
        card.exclusively(
                () -> {
                    graphs.requireRoom("the model's parameters", parameters.bytes());
                    parameters.send(card);
                    parameterBytes = parameters.bytes();
                    return null;
                });
        device.background().execute(this::compileAhead);
    }

    /** Compiles every kernel that batches of usual lengths will want, while the card is free. */
    private void compileAhead() {
        try {
            card.attach();
            for (Capacity usual : Capacity.usual(program)) {
                if (closed || card.lost()) {
                    return;
                }
                graphs.record(usual);
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("Not compiled ahead; a batch that needs it will say the same", e);
        }
    }

    @Override
    public long deviceBytes() {
        return parameterBytes + graphs.bytes();
    }

    @Override
    public float[][] run(RaggedBatch batch, Input input) {
        InputChecks.requireValid(program, batch, input);
        Staging staging = stagings.take();
        try {
            return run(batch, input, staging, stagings.oneTaken());
        } finally {
            stagings.give(staging);
        }
    }

    private float[][] run(RaggedBatch batch, Input input, Staging staging, boolean inParts) {
        if (closed) {
            throw new IllegalStateException("the program is closed");
        }
        return card.beside(() -> new ProgramRun(graphs, card, staging, batch, inParts).run(input));
    }

    Arithmetic arithmetic() {
        return arithmetic;
    }

    /**
     * The graphs that a batch takes, which hold it: it has just run.
     *
     * @param inParts whether as a run that finds the card idle
     */
    List<ProgramLaunch> launches(RaggedBatch batch, Input input, boolean inParts) {
        Staging staging = stagings.take();
        try {
            run(batch, input, staging, inParts);
            ProgramRun again = new ProgramRun(graphs, card, staging, batch, inParts);
            return card.exclusively(again::launches);
        } finally {
            stagings.give(staging);
        }
    }

    @Override
    public void close() {
        if (card.lost()) {
            closed = true;
            return;
        }
        closed = true;
        stagings.close();
        card.exclusively(
                () -> {
                    graphs.free();
                    parameters.free(card);
                    parameterBytes = 0;
                    return null;
                });
    }
}
