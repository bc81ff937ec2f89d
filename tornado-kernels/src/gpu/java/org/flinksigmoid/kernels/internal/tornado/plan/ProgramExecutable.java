package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
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
 * graph when the first one comes, if the device's free memory holds it: graphs not used for longest
 * make room, and a batch too large for what is left runs in parts.
 */
final class ProgramExecutable implements Executable {
    /** Rows from which on larger graphs gain nothing. */
    private static final int MOST_ROWS = 1 << 17;

    /** What is left to others on the device. */
    private static final long SPARE_BYTES = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ProgramExecutable.class);

    private final Device device;
    private final Card card;
    private final Program program;
    private final Arithmetic arithmetic;
    private final Parameters parameters = new Parameters();
    private final List<DeviceStep> steps;
    private final Staging staging;
    private final Map<Capacity, ProgramLaunch> launches = new LinkedHashMap<>(16, .75f, true);
    private volatile long deviceBytes;
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
        this.steps =
                switch (arithmetic) {
                    case PORTABLE -> new FloatSteps(program, parameters, false).all();
                    case FLOAT -> new FloatSteps(program, parameters, true).all();
                    case HALF -> HalfSteps.of(program, parameters);
                };
        this.staging = new Staging(card);
        card.exclusively(
                () -> {
                    requireRoom("the model's parameters", parameters.bytes());
                    parameters.send(card);
                    countBytes();
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
                new ProgramLaunch(device, program, steps, usual, arithmetic);
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("Not compiled ahead; a batch that needs it will say the same", e);
        }
    }

    private void countBytes() {
        long bytes = parameters.bytes();
        for (ProgramLaunch launch : launches.values()) {
            bytes += launch.bytes();
        }
        deviceBytes = bytes;
    }

    @Override
    public long deviceBytes() {
        return deviceBytes;
    }

    private void requireRoom(String what, long bytes) {
        if (!hasRoom(bytes)) {
            throw new DeviceFailureException(
                    "the GPU has no room for %s: expected %d MiB free, found %d"
                            .formatted(what, bytes + SPARE_BYTES >> 20, card.freeBytes() >> 20),
                    false);
        }
    }

    private boolean hasRoom(long bytes) {
        return bytes + SPARE_BYTES <= card.freeBytes();
    }

    @Override
    public float[][] run(RaggedBatch batch, Input input) {
        InputChecks.requireValid(program, batch, input);
        return card.exclusively(
                () -> {
                    if (closed) {
                        throw new IllegalStateException("the program is closed");
                    }
                    return runFitting(batch, input);
                });
    }

    private float[][] runFitting(RaggedBatch batch, Input input) {
        boolean alone = batch.size() <= 1;
        if (alone || batch.rows() <= MOST_ROWS) {
            ProgramLaunch launch = launch(Capacity.of(batch), alone);
            if (launch != null) {
                return launch.run(batch, input, card, staging);
            }
        }
        int half = half(batch);
        float[][] first = runFitting(part(batch, 0, half), input);
        float[][] second =
                runFitting(part(batch, half, batch.size()), rest(input, batch.offset(half)));
        float[][] results = new float[first.length][];
        for (int i = 0; i < results.length; i++) {
            results[i] = Arrays.copyOf(first[i], first[i].length + second[i].length);
            System.arraycopy(second[i], 0, results[i], first[i].length, second[i].length);
        }
        return results;
    }

    /** The graph of a capacity; null if memory does not hold it and it need not run whole. */
    private ProgramLaunch launch(Capacity capacity, boolean needed) {
        ProgramLaunch known = launches.get(capacity);
        if (known != null) {
            return known;
        }
        ProgramLaunch made = new ProgramLaunch(device, program, steps, capacity, arithmetic);
        var oldest = launches.values().iterator();
        while (!hasRoom(made.bytes()) && oldest.hasNext()) {
            oldest.next().free();
            oldest.remove();
        }
        if (!needed && !hasRoom(made.bytes())) {
            return null;
        }
        requireRoom("a sequence of up to " + capacity.rows() + " rows", made.bytes());
        try {
            made.prepare();
        } catch (DeviceFailureException e) {
            if (!e.lost()) {
                made.free();
            }
            throw e;
        }
        launches.put(capacity, made);
        countBytes();
        return made;
    }

    Arithmetic arithmetic() {
        return arithmetic;
    }

    /** Mean time of the kernels of a batch's graph, which follow each other without a gap. */
    double secondsOfKernels(RaggedBatch batch, int repeats) {
        return card.exclusively(
                () -> {
                    ProgramLaunch launch = launches.get(Capacity.of(batch));
                    card.synchronize();
                    long start = System.nanoTime();
                    for (int i = 0; i < repeats; i++) {
                        launch.launch();
                    }
                    card.synchronize();
                    return (System.nanoTime() - start) * 1e-9 / repeats;
                });
    }

    /** Sequences of a batch that make up its first half. */
    private static int half(RaggedBatch batch) {
        int half = 1;
        while (half < batch.size() - 1 && batch.offset(half + 1) <= batch.rows() / 2) {
            half++;
        }
        return half;
    }

    private static RaggedBatch part(RaggedBatch batch, int first, int end) {
        int[] lengths = new int[end - first];
        for (int i = first; i < end; i++) {
            lengths[i - first] = batch.length(i);
        }
        return RaggedBatch.ofLengths(lengths);
    }

    private Input rest(Input input, int row) {
        return switch (input) {
            case Input.TokenIds tokens ->
                    new Input.TokenIds(Arrays.copyOfRange(tokens.ids(), row, tokens.ids().length));
            case Input.Features features -> {
                float[] values = features.values();
                int from = row * program.slot(program.input()).width();
                yield new Input.Features(Arrays.copyOfRange(values, from, values.length));
            }
        };
    }

    @Override
    public void close() {
        if (card.lost()) {
            closed = true;
            return;
        }
        card.exclusively(
                () -> {
                    if (!closed) {
                        closed = true;
                        launches.values().forEach(ProgramLaunch::free);
                        launches.clear();
                        staging.free();
                        parameters.free(card);
                        deviceBytes = 0;
                    }
                    return null;
                });
    }
}
