package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * One batch on its way through the device. Where the card would only wait for it, many features go
 * in parts, on the card's streams in turn: while the kernels of one part run, the next part goes up
 * and the one before comes down. Each part is as large as all before it: the first one's kernels
 * start early, and few parts are left. Else its copies overlap another run's kernels anyway, and it
 * goes as a whole, whose kernels take less time (12 layers of 512, 256 windows: 3.5 ms instead of
 * 4.0 in parts). What is one part uses the first stream, so small batches run one after the other.
 */
final class ProgramRun {
    /** Features that go up first where they go in parts: 64 windows of 256 frames and 40 bands. */
    private static final int FIRST_PART_BYTES = 64 * 256 * 40 * Float.BYTES;

    /** Rows from which on larger graphs gain nothing. */
    private static final int MOST_ROWS = 1 << 17;

    private final ProgramGraphs graphs;
    private final Program program;
    private final Card card;
    private final Staging staging;
    private final RaggedBatch batch;
    private final boolean inParts;
    private final List<RaggedBatch> stages;
    private final float[][] results;
    private final List<Arrival> arrivals = new ArrayList<>();
    private boolean several;
    private int turns;

    /** Sequences of a batch from one to another. */
    private record Part(int first, int end) {
        int size() {
            return end - first;
        }
    }

    /**
     * A part of an output on its way to the host.
     *
     * @param event after which it is there
     * @param from where the card puts it
     * @param output which of the outputs it is
     * @param to where in it it belongs
     */
    private record Arrival(
            MemorySegment event, MemorySegment from, int output, int to, int count) {}

    /**
     * A checked batch.
     *
     * @param staging this run's alone
     * @param inParts whether many features go in parts
     */
    ProgramRun(
            ProgramGraphs graphs, Card card, Staging staging, RaggedBatch batch, boolean inParts) {
        this.graphs = graphs;
        this.program = graphs.program();
        this.card = card;
        this.staging = staging;
        this.batch = batch;
        this.inParts = inParts;
        this.stages = program.stages(batch);
        this.results = new float[program.outputs().size()][];
    }

    /** Runs it, and returns its outputs. */
    float[][] run(Input input) {
        staging.begin();
        try {
            Sender sender = sender(input);
            Deque<Part> parts = new ArrayDeque<>(parts());
            several = parts.size() > 1;
            while (!parts.isEmpty()) {
                Part part = parts.removeFirst();
                if (card.busy()) {
                    sender.await(part);
                }
                CardStream stream = nextStream();
                if (!card.exclusively(() -> queue(part, stream, sender))) {
                    halves(part).reversed().forEach(parts::addFirst);
                }
            }
            for (int i = 0; i < results.length; i++) { // clearing them costs nothing now
                results[i] = new float[values(program.outputs().get(i), stages)];
            }
            arrivals.forEach(this::receive);
            return results;
        } catch (RuntimeException | Error e) {
            settle(e);
            throw e;
        }
    }

    private CardStream nextStream() {
        return card.streams().get(several ? turns++ % card.streams().size() : 0);
    }

    /** The graphs that it runs, if all of them are there; on the card's queue. */
    List<ProgramLaunch> launches() {
        List<Part> parts = parts();
        several = parts.size() > 1;
        return parts.stream()
                .map(part -> graphs.launch(Capacity.of(sequences(part)), nextStream(), true))
                .toList();
    }

    /** What goes up, one part after the other. */
    private interface Sender {
        /** Returns when a part can be sent without waiting. */
        void await(Part part);

        void queue(ProgramLaunch launch, List<RaggedBatch> partStages, Part part);
    }

    private Sender sender(Input input) {
        return switch (input) {
            case Input.TokenIds tokens -> new Tokens(tokens.ids());
            case Input.Features features ->
                    new Features(Floats.of(features.values(), batch.rows() * inputWidth()));
            case Input.FeatureSequences features -> new Features(Floats.of(features.sequences()));
        };
    }

    private int inputWidth() {
        return program.slot(program.input()).width();
    }

    private final class Tokens implements Sender {
        private final int[] ids;

        Tokens(int[] ids) {
            this.ids = ids;
        }

        @Override
        public void await(Part part) {
            // They are sent with what describes the batch.
        }

        @Override
        public void queue(ProgramLaunch launch, List<RaggedBatch> partStages, Part part) {
            launch.queue(partStages, staging, ids, batch.offset(part.first()));
        }
    }

    private final class Features implements Sender {
        private final Upload upload;

        Features(Floats values) {
            upload = staging.start(values);
        }

        @Override
        public void await(Part part) {
            upload.await(batch.offset(part.end()) * inputWidth());
        }

        @Override
        public void queue(ProgramLaunch launch, List<RaggedBatch> partStages, Part part) {
            launch.queue(partStages, staging, upload, batch.offset(part.first()) * inputWidth());
        }
    }

    /** The batch's sequences in parts as large as they should be, larger sequences alone. */
    private List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        int first = 0;
        for (int end = 1; end <= batch.size(); end++) {
            if (end == batch.size()
                    || batch.offset(end + 1) - batch.offset(first) > mostRows(first)) {
                parts.add(new Part(first, end));
                first = end;
            }
        }
        return parts;
    }

    /** Rows that a part from some sequence on may have. */
    private int mostRows(int first) {
        if (!inParts || program.tokens()) {
            return MOST_ROWS;
        }
        int firstPart = Math.min(MOST_ROWS, FIRST_PART_BYTES / (inputWidth() * Float.BYTES));
        return Math.clamp(batch.offset(first), firstPart, MOST_ROWS);
    }

    /** Queues a part on the device; false if it must be cut for want of memory. */
    private boolean queue(Part part, CardStream stream, Sender sender) {
        RaggedBatch sequences = sequences(part);
        ProgramLaunch launch = graphs.launch(Capacity.of(sequences), stream, part.size() <= 1);
        if (launch == null) {
            return false;
        }
        List<RaggedBatch> partStages = program.stages(sequences);
        sender.queue(launch, partStages, part);
        List<MemorySegment> arriving = new ArrayList<>();
        for (int output : program.outputs()) {
            arriving.add(launch.fetch(staging, output, values(output, partStages)));
        }
        MemorySegment event = staging.mark(stream);
        for (int i = 0; i < arriving.size(); i++) {
            int output = program.outputs().get(i);
            int to = place(output, part.first());
            int count = values(output, partStages);
            arrivals.add(new Arrival(event, arriving.get(i), i, to, count));
        }
        return true;
    }

    private RaggedBatch sequences(Part part) {
        if (part.size() == batch.size()) {
            return batch;
        }
        int[] lengths = new int[part.size()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = batch.length(part.first() + i);
        }
        return RaggedBatch.ofLengths(lengths);
    }

    private int values(int slot, List<RaggedBatch> laid) {
        return Math.multiplyExact(
                Program.rows(program.slot(slot), laid), program.slot(slot).width());
    }

    /** Where in a slot the rows of a sequence start. */
    private int place(int slot, int sequence) {
        int stage = program.slot(slot).stage();
        int row = stage == Slot.PER_SEQUENCE ? sequence : stages.get(stage).offset(sequence);
        return row * program.slot(slot).width();
    }

    private List<Part> halves(Part part) {
        int middle = part.first() + 1;
        int rows = batch.offset(part.first()) + batch.offset(part.end());
        while (middle < part.end() - 1 && 2 * batch.offset(middle + 1) <= rows) {
            middle++;
        }
        return List.of(new Part(part.first(), middle), new Part(middle, part.end()));
    }

    private void receive(Arrival arrival) {
        card.await(arrival.event());
        MemorySegment.copy(
                arrival.from(),
                ValueLayout.JAVA_FLOAT,
                0,
                results[arrival.output()],
                arrival.to(),
                arrival.count());
    }

    /** Nothing is on its way through this run's memory after it, as far as that can be known. */
    private void settle(Throwable failure) {
        staging.settle();
        if (!card.lost()) {
            try {
                card.exclusively(
                        () -> {
                            card.streams().forEach(CardStream::synchronize);
                            return null;
                        });
            } catch (DeviceFailureException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
