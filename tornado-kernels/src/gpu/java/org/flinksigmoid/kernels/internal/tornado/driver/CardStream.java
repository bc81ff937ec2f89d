package org.flinksigmoid.kernels.internal.tornado.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.flinksigmoid.kernels.backend.DeviceFailureException;

/**
 * Work of a card that runs in the order in which it is queued, beside that of the card's other
 * streams. Used inside {@link Card#exclusively} only.
 */
public final class CardStream {
    private final int index;
    private MemorySegment handle = MemorySegment.NULL;

    CardStream(int index) {
        this.index = index;
    }

    /** Its place among the card's streams. */
    public int index() {
        return index;
    }

    MemorySegment handle() {
        if (handle.equals(MemorySegment.NULL)) {
            handle = Cuda.newStream();
        }
        return handle;
    }

    /** Queues a copy of pinned memory to the device. */
    public void up(MemorySegment from, long to, long bytes) {
        Cuda.up(to, from, bytes, handle());
    }

    /** Queues the clearing of device memory. */
    public void clear(long address, long bytes) {
        Cuda.clear(address, bytes, handle());
    }

    /** Queues a copy of device memory to pinned memory. */
    public void down(long from, MemorySegment to, long bytes) {
        Cuda.down(to, from, bytes, handle());
    }

    /** Waits until everything queued has run. */
    public void synchronize() {
        Cuda.synchronize(handle());
    }

    /** Makes a graph of what {@code work} queues; none of it runs. */
    public CapturedGraph capture(Runnable work) {
        Cuda.beginCapture(handle());
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            abandonCapture(e);
            throw e;
        }
        MemorySegment graph = Cuda.endCapture(handle());
        try {
            return new CapturedGraph(Cuda.instantiate(graph));
        } finally {
            Cuda.destroyGraph(graph);
        }
    }

    /** Ends a capture that failed; why it failed matters, not what that made of the capture. */
    private void abandonCapture(Throwable failure) {
        try {
            Cuda.destroyGraph(Cuda.endCapture(handle()));
        } catch (DeviceFailureException e) {
            failure.addSuppressed(e);
        }
    }

    /** Queues a captured graph. */
    public void launch(CapturedGraph graph) {
        Cuda.launchGraph(graph.handle(), handle());
    }

    /** Notes in an event that everything queued so far has run. */
    public void record(MemorySegment event) {
        Cuda.record(event, handle());
    }

    /**
     * Queues a kernel.
     *
     * @param function its handle
     * @param x blocks
     * @param y blocks in the second dimension
     * @param threads threads of a block
     * @param sharedBytes dynamic shared memory of a block
     * @param arguments Long (a device address), Integer or Float each
     */
    public void launch(
            String kernel,
            long function,
            int x,
            int y,
            int threads,
            int sharedBytes,
            List<Object> arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, arguments.size());
            for (int i = 0; i < arguments.size(); i++) {
                MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
                switch (arguments.get(i)) {
                    case Long address -> value.set(ValueLayout.JAVA_LONG, 0, address);
                    case Integer number -> value.set(ValueLayout.JAVA_INT, 0, number);
                    case Float number -> value.set(ValueLayout.JAVA_FLOAT, 0, number);
                    case Object other ->
                            throw new IllegalArgumentException(
                                    "argument %d of %s: expected Long, Integer or Float, found %s"
                                            .formatted(i, kernel, other.getClass()));
                }
                pointers.setAtIndex(ValueLayout.ADDRESS, i, value);
            }
            MemorySegment handle = MemorySegment.ofAddress(function);
            Cuda.launch(kernel, handle, x, y, threads, sharedBytes, pointers, handle());
        }
    }
}
