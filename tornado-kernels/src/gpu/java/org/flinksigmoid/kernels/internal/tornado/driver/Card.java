package org.flinksigmoid.kernels.internal.tornado.driver;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.flinksigmoid.kernels.backend.DeviceFailureException;

/**
 * One GPU as this process uses it: a context, some streams, one submission queue. Whatever queues
 * work or takes memory does so inside {@link #exclusively}. After a failure that the context does
 * not survive every later call says so at once.
 */
public final class Card {
    private static final int STREAMS = 4;

    private final String name;
    private final MemorySegment context;
    private final ReentrantLock queue = new ReentrantLock(true);
    private final List<CardStream> streams =
            IntStream.range(0, STREAMS).mapToObj(CardStream::new).toList();
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

    /** A card by its index, in the context that CUDA keeps for whoever asks. */
    public static Card at(int index, String name) {
        return new Card(name, Cuda.contextOn(index).address());
    }

    /** What the driver calls it. */
    public String name() {
        return name;
    }

    /**
     * Runs {@code work} while nobody else queues work on the card, or takes its memory.
     *
     * @throws DeviceFailureException if the card fails, or has
     */
    public <T> T exclusively(Supplier<T> work) {
        queue.lock();
        try {
            return beside(work);
        } finally {
            queue.unlock();
        }
    }

    /**
     * Runs {@code work} beside others': it queues nothing on the card, and waits for what is queued
     * at the most.
     *
     * @throws DeviceFailureException if the card fails, or has
     */
    public <T> T beside(Supplier<T> work) {
        if (failure != null) {
            throw new DeviceFailureException(
                    "the GPU is lost to this process: " + failure.getMessage(), true);
        }
        try {
            Cuda.setCurrent(context);
            return work.get();
        } catch (DeviceFailureException e) {
            if (e.lost() && failure == null) {
                failure = e;
            }
            throw e;
        }
    }

    /** Whether {@link #exclusively} would have to wait. */
    public boolean busy() {
        return queue.isLocked() && !queue.isHeldByCurrentThread();
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

    /** Its streams; the first is for all that need not run beside other work. */
    public List<CardStream> streams() {
        return streams;
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

    /** An event, to be {@link CardStream#record recorded} and {@link #await awaited}. */
    public MemorySegment newEvent() {
        return Cuda.newEvent(false);
    }

    /** An event that also notes when it came. */
    public MemorySegment newTimedEvent() {
        return Cuda.newEvent(true);
    }

    /** Milliseconds between two timed events that have come. */
    public float between(MemorySegment start, MemorySegment end) {
        return Cuda.between(start, end);
    }

    /** Waits until what a stream had queued before the event has run. */
    public void await(MemorySegment event) {
        Cuda.await(event);
    }

    /** Frees an event. */
    public void destroyEvent(MemorySegment event) {
        Cuda.destroyEvent(event);
    }

    /** Frees a captured graph. */
    public void destroy(CapturedGraph graph) {
        Cuda.destroyExec(graph.handle());
    }
}
