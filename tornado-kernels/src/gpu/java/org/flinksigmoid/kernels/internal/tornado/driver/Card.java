package org.flinksigmoid.kernels.internal.tornado.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.flinksigmoid.kernels.backend.DeviceFailureException;

/**
 * One GPU as this process uses it: a context, one stream, one submission queue. Everything runs
 * inside {@link #exclusively}. After a failure that the context does not survive every later call
 * says so at once.
 */
public final class Card {
    private final String name;
    private final MemorySegment context;
    private final ReentrantLock queue = new ReentrantLock(true);
    private MemorySegment stream = MemorySegment.NULL;
    private volatile DeviceFailureException failure;

    /**
     * A card.
     *
     * @param context handle of a context on it, which outlives this
     */
    public Card(String name, long context) {
        this.name = name;
        this.context = MemorySegment.ofAddress(context);
    }

    /** What the driver calls it. */
    public String name() {
        return name;
    }

    /**
     * Runs {@code work} while nobody else uses the card.
     *
     * @throws DeviceFailureException if the card fails, or has
     */
    public <T> T exclusively(Supplier<T> work) {
        queue.lock();
        try {
            if (failure != null) {
                throw new DeviceFailureException(
                        "the GPU is lost to this process: " + failure.getMessage(), true);
            }
            Cuda.setCurrent(context);
            return work.get();
        } catch (DeviceFailureException e) {
            if (e.lost() && failure == null) {
                failure = e;
            }
            throw e;
        } finally {
            queue.unlock();
        }
    }

    /** Lets this thread load code onto the card without waiting for the queue. */
    public void attach() {
        Cuda.setCurrent(context);
    }

    /** Its multiprocessors; this thread uses the card. */
    public int multiprocessors() {
        return Cuda.attribute(16);
    }

    /** Its compute capability, 90 for 9.0; this thread uses the card. */
    public int capability() {
        return 10 * Cuda.attribute(75) + Cuda.attribute(76);
    }

    /**
     * Loads a kernel; this thread uses the card.
     *
     * @return its handle, which lives as long as the context
     */
    public long load(byte[] code, String kernel, int sharedBytes) {
        return Cuda.load(code, kernel, sharedBytes).address();
    }

    /** Copies any memory to the device, and waits. */
    public void write(long to, MemorySegment from) {
        Cuda.copy(to, from);
    }

    /** Whether a failure made the card useless. */
    public boolean lost() {
        return failure != null;
    }

    /** The stream that all work is queued on. */
    MemorySegment stream() {
        if (stream.equals(MemorySegment.NULL)) {
            stream = Cuda.newStream();
        }
        return stream;
    }

    /** Bytes that an allocation could have. */
    public long freeBytes() {
        return Cuda.freeBytes();
    }

    /** Device memory, at a multiple of 256. */
    public long allocate(long bytes) {
        return Cuda.allocate(bytes);
    }

    /** Gives device memory back. */
    public void free(long address) {
        Cuda.free(address);
    }

    /** Host memory that copies come to directly. */
    public MemorySegment allocatePinned(long bytes) {
        return Cuda.allocateHost(bytes, false);
    }

    /** Host memory that copies go from directly: to be written, as reading it is slow. */
    public MemorySegment allocatePinnedToWrite(long bytes) {
        return Cuda.allocateHost(bytes, true);
    }

    /** Gives pinned memory back. */
    public void freePinned(MemorySegment memory) {
        Cuda.freeHost(memory);
    }

    /** Queues a copy of pinned memory to the device. */
    public void up(MemorySegment from, long to, long bytes) {
        Cuda.up(to, from, bytes, stream());
    }

    /** Queues a copy of device memory to pinned memory. */
    public void down(long from, MemorySegment to, long bytes) {
        Cuda.down(to, from, bytes, stream());
    }

    /** Waits until everything queued has run. */
    public void synchronize() {
        Cuda.synchronize(stream());
    }

    /** Makes a graph of what {@code work} queues; none of it runs. */
    public CapturedGraph capture(Runnable work) {
        Cuda.beginCapture(stream());
        MemorySegment graph;
        try {
            work.run();
        } finally {
            graph = Cuda.endCapture(stream());
        }
        try {
            return new CapturedGraph(Cuda.instantiate(graph));
        } finally {
            Cuda.destroyGraph(graph);
        }
    }

    /** Queues a captured graph. */
    public void launch(CapturedGraph graph) {
        Cuda.launchGraph(graph.handle(), stream());
    }

    /** Frees a captured graph. */
    public void destroy(CapturedGraph graph) {
        Cuda.destroyExec(graph.handle());
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
            Cuda.launch(kernel, handle, x, y, threads, sharedBytes, pointers, stream());
        }
    }
}
