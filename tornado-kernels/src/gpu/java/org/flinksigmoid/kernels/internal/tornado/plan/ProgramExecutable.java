package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.internal.interpret.InputChecks;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * A program on the device. Each capacity that batches need gets its graph when the first one comes;
 * a batch of more rows than one graph should hold runs in parts. After a failure every later run
 * says so, and nothing runs elsewhere unseen.
 */
final class ProgramExecutable implements Executable {
    private static final int MOST_ROWS = 1 << 15;

    private final Program program;
    private final List<DeviceStep> steps;
    private final TornadoDevice device;
    private final int mostRows;
    private final Map<Capacity, ProgramLaunch> launches = new HashMap<>();
    private boolean closed;

    ProgramExecutable(Program program, List<DeviceStep> steps, TornadoDevice device) {
        this.program = program;
        this.steps = List.copyOf(steps);
        this.device = device;
        this.mostRows = mostRows(program, device);
    }

    /** Rows that a graph holds at the most: its slots take up to an eighth of the memory. */
    private static int mostRows(Program program, TornadoDevice device) {
        long bytesPerRow = 0;
        for (Slot slot : program.slots()) {
            bytesPerRow += (long) Float.BYTES * slot.width();
        }
        long memory = device.getMaxAllocMemory();
        long fitting = Math.max(1, memory / 8 / bytesPerRow);
        int rows = Integer.highestOneBit((int) Math.min(MOST_ROWS, fitting));
        return Math.max(rows, program.maxRows());
    }

    @Override
    public float[][] run(RaggedBatch batch, Input input) {
        if (closed) {
            throw new IllegalStateException("the program is closed");
        }
        InputChecks.requireValid(program, batch, input);
        if (batch.rows() <= mostRows) {
            return runPart(batch, input);
        }
        return runInParts(batch, input);
    }

    private float[][] runPart(RaggedBatch batch, Input input) {
        return launches.computeIfAbsent(
                        Capacity.of(batch),
                        capacity -> new ProgramLaunch(program, steps, capacity, device))
                .run(batch, input);
    }

    private float[][] runInParts(RaggedBatch batch, Input input) {
        List<float[][]> parts = new ArrayList<>();
        int first = 0;
        while (first < batch.size()) {
            int end = first + 1;
            while (end < batch.size() && batch.offset(end + 1) - batch.offset(first) <= mostRows) {
                end++;
            }
            parts.add(runPart(lengths(batch, first, end), slice(batch, input, first, end)));
            first = end;
        }
        float[][] results = new float[program.outputs().size()][];
        for (int i = 0; i < results.length; i++) {
            results[i] = concatenated(parts, i);
        }
        return results;
    }

    private static RaggedBatch lengths(RaggedBatch batch, int first, int end) {
        int[] lengths = new int[end - first];
        for (int i = first; i < end; i++) {
            lengths[i - first] = batch.length(i);
        }
        return RaggedBatch.ofLengths(lengths);
    }

    private Input slice(RaggedBatch batch, Input input, int first, int end) {
        int from = batch.offset(first);
        int to = batch.offset(end);
        return switch (input) {
            case Input.TokenIds tokens ->
                    new Input.TokenIds(Arrays.copyOfRange(tokens.ids(), from, to));
            case Input.Features features -> {
                int width = program.slot(program.input()).width();
                yield new Input.Features(
                        Arrays.copyOfRange(features.values(), from * width, to * width));
            }
        };
    }

    private static float[] concatenated(List<float[][]> parts, int output) {
        int length = 0;
        for (float[][] part : parts) {
            length = Math.addExact(length, part[output].length);
        }
        float[] whole = new float[length];
        int at = 0;
        for (float[][] part : parts) {
            System.arraycopy(part[output], 0, whole, at, part[output].length);
            at += part[output].length;
        }
        return whole;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            launches.values().forEach(ProgramLaunch::close);
            launches.clear();
        }
    }
}
