package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.internal.tornado.kernels.LinearKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A task graph in the making, for one capacity: its slots, its grids, and which parameters are on
 * the device already.
 */
final class GraphBuilder {
    /** Threads of the row kernels' groups. */
    static final int ROW_THREADS = 128;

    private final Program program;
    private final Capacity capacity;
    private final int[] stageRows;
    private final Geometry geometry;
    private final TaskList tasks = new TaskList();
    private final FloatArray[] slots;

    GraphBuilder(Program program, Capacity capacity) {
        this.program = program;
        this.capacity = capacity;
        this.stageRows = capacity.stages(program);
        this.geometry =
                new Geometry(stageRows, capacity.sequences(), program.tokens() ? stageRows[0] : 0);
        this.slots = new FloatArray[program.slots().size()];
        tasks.fresh(geometry.array());
    }

    TaskGraph graph() {
        return tasks.graph();
    }

    TaskList tasks() {
        return tasks;
    }

    KernelContext context() {
        return tasks.context();
    }

    Geometry geometry() {
        return geometry;
    }

    Capacity capacity() {
        return capacity;
    }

    Slot description(int slot) {
        return program.slot(slot);
    }

    int width(int slot) {
        return program.slot(slot).width();
    }

    /** Most rows of a slot. */
    int rows(int slot) {
        return capacity.rows(program.slot(slot), stageRows);
    }

    /** Where the number of a slot's rows stands in the geometry. */
    int rowsAt(int slot) {
        int stage = program.slot(slot).stage();
        return stage == Slot.PER_SEQUENCE ? Geometry.SEQUENCES_AT : geometry.stage(stage).rowsAt();
    }

    /** The stage of a slot that has rows of sequences. */
    Geometry.Stage stage(int slot) {
        return geometry.stage(program.slot(slot).stage());
    }

    /** A slot as floats, dense, on the device only unless it is an input or an output. */
    FloatArray floats(int slot) {
        if (slots[slot] == null) {
            slots[slot] = new FloatArray(Math.multiplyExact(rows(slot), width(slot)));
        }
        return slots[slot];
    }

    /** Sends parameters to the device, once. */
    void resident(Object... arrays) {
        tasks.resident(arrays);
    }

    /** Names a task, so that an error names the operation, and gives it its grid. */
    String task(String kind, int slot, WorkerGrid grid) {
        return tasks.task(kind, program.slot(slot).name(), grid);
    }

    /** A group of {@link #ROW_THREADS} threads for each row of a slot. */
    WorkerGrid rowGrid(int slot) {
        return TaskList.grid(rows(slot), ROW_THREADS);
    }

    /** A group for each tile of a linear layer's output. */
    WorkerGrid linearGrid(int slot) {
        return TaskList.grid(
                Math.ceilDiv(width(slot), LinearKernel.TILE),
                Math.ceilDiv(rows(slot), LinearKernel.TILE),
                LinearKernel.THREADS);
    }
}
