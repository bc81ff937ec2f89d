package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.concurrent.locks.ReentrantLock;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/**
 * A task graph that runs on a device. All plans of this JVM share one submission queue: whoever
 * runs, compiles or frees holds its lock.
 */
final class DevicePlan implements AutoCloseable {
    private static final ReentrantLock QUEUE = new ReentrantLock(true);

    private final TornadoExecutionPlan plan;

    DevicePlan(
            ImmutableTaskGraph graph, GridScheduler grids, TornadoDevice device, boolean captured) {
        plan = new TornadoExecutionPlan(graph);
        plan.withDevice(device).withGridScheduler(grids);
        if (captured) {
            plan.withCUDAGraph();
        }
    }

    /**
     * Compiles what isn't yet, sends, runs, brings back; returns when the results are there.
     *
     * @throws IllegalStateException if the device or a kernel's compilation fails, naming what did
     */
    void execute() {
        QUEUE.lock();
        try {
            plan.execute();
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalStateException("backend tornado: the GPU failed: " + message(e), e);
        } finally {
            QUEUE.unlock();
        }
    }

    private static String message(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
    }

    /** Frees the device's memory. */
    @Override
    public void close() {
        QUEUE.lock();
        try {
            plan.freeDeviceMemory();
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("backend tornado: device memory is not freed", e);
        } finally {
            QUEUE.unlock();
        }
    }
}
