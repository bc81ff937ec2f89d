package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/** A task graph in the making: its tasks' names and grids, and what was sent to the device. */
final class TaskList {
    private static final AtomicInteger GRAPHS = new AtomicInteger();

    private final String name = "flinksigmoid" + GRAPHS.incrementAndGet();
    private final TaskGraph graph = new TaskGraph(name);
    private final GridScheduler grids = new GridScheduler();
    private final KernelContext context = new KernelContext();
    private final Set<Object> resident = Collections.newSetFromMap(new IdentityHashMap<>());
    private int tasks;

    TaskGraph graph() {
        return graph;
    }

    KernelContext context() {
        return context;
    }

    /** Sends parameters to the device, once. */
    void resident(Object... arrays) {
        for (Object array : arrays) {
            if (resident.add(array)) {
                graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, array);
            }
        }
    }

    /** Sends what changes to the device, before every run. */
    void fresh(Object array) {
        if (resident.add(array)) {
            graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, array);
        }
    }

    /** Brings a result back, after every run. */
    void result(Object array) {
        graph.transferToHost(DataTransferMode.EVERY_EXECUTION, array);
    }

    /** Names a task after what it does to which slot, for errors, and gives it its grid. */
    String task(String kind, String slot, WorkerGrid grid) {
        String task = task(kind, slot);
        grids.addWorkerGrid(name + "." + task, grid);
        return task;
    }

    /** Names a task of a library, which needs no grid. */
    String task(String kind, String slot) {
        return "t" + tasks++ + "_" + kind + "_" + slot.replaceAll("[^A-Za-z0-9]", "_");
    }

    /** Makes the plan that runs the tasks. */
    DevicePlan plan(TornadoDevice device, boolean captured) {
        return new DevicePlan(graph.snapshot(), grids, device, captured);
    }

    /** So many groups of so many threads. */
    static WorkerGrid grid(int groups, int threads) {
        WorkerGrid1D grid = new WorkerGrid1D(Math.multiplyExact(groups, threads));
        grid.setLocalWork(threads, 1, 1);
        return grid;
    }

    /** {@code x} by {@code y} groups of so many threads. */
    static WorkerGrid grid(int x, int y, int threads) {
        WorkerGrid2D grid = new WorkerGrid2D(Math.multiplyExact(x, threads), y);
        grid.setLocalWork(threads, 1, 1);
        return grid;
    }
}
