package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;

/**
 * The graphs of a program: one for each capacity that batches needed and each stream that they ran
 * on, as far as the device's free memory holds them. On the card's queue, but {@link #bytes}.
 */
final class ProgramGraphs {
    /** What is left to others on the device. */
    private static final long SPARE_BYTES = 256L << 20;

    private final Device device;
    private final Card card;
    private final Program program;
    private final Arithmetic arithmetic;
    private final List<DeviceStep> steps;
    private final Map<Key, ProgramLaunch> launches = new LinkedHashMap<>(16, .75f, true);
    private volatile long bytes;

    private record Key(Capacity capacity, int stream) {}

    ProgramGraphs(Device device, Program program, Arithmetic arithmetic, List<DeviceStep> steps) {
        this.device = device;
        this.card = device.card();
        this.program = program;
        this.arithmetic = arithmetic;
        this.steps = steps;
    }

    Program program() {
        return program;
    }

    /** Records a capacity's graph, and compiles what is new in it; on any thread. */
    ProgramLaunch record(Capacity capacity) {
        return new ProgramLaunch(device, program, steps, capacity, arithmetic);
    }

    /**
     * The graph of a capacity on a stream. Where memory is short, graphs not used for longest make
     * room.
     *
     * @param needed whether to fail if there is no room for it
     * @return null if there is no room and it is not needed
     */
    ProgramLaunch launch(Capacity capacity, CardStream stream, boolean needed) {
        Key key = new Key(capacity, stream.index());
        ProgramLaunch known = launches.get(key);
        if (known != null) {
            return known;
        }
        ProgramLaunch made = record(capacity);
        var oldest = launches.values().iterator();
        while (!hasRoom(made.bytes()) && oldest.hasNext()) {
            oldest.next().free();
            oldest.remove();
        }
        countBytes();
        if (!needed && !hasRoom(made.bytes())) {
            return null;
        }
        requireRoom("a sequence of up to " + capacity.rows() + " rows", made.bytes());
        made.prepare(stream);
        launches.put(key, made);
        countBytes();
        return made;
    }

    private void countBytes() {
        bytes = launches.values().stream().mapToLong(ProgramLaunch::bytes).sum();
    }

    /** Device memory that they take now; on any thread. */
    long bytes() {
        return bytes;
    }

    void requireRoom(String what, long needed) {
        if (!hasRoom(needed)) {
            throw new DeviceFailureException(
                    "the GPU has no room for %s: expected %d MiB free, found %d"
                            .formatted(what, needed + SPARE_BYTES >> 20, card.freeBytes() >> 20),
                    false);
        }
    }

    private boolean hasRoom(long needed) {
        return needed + SPARE_BYTES <= card.freeBytes();
    }

    void free() {
        launches.values().forEach(ProgramLaunch::free);
        launches.clear();
        countBytes();
    }
}
