package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.internal.tornado.kernels.HalfKernels;
import org.flinksigmoid.kernels.internal.tornado.kernels.LinearKernel;
import org.flinksigmoid.kernels.internal.tornado.kernels.RowKernels;
import org.flinksigmoid.kernels.internal.tornado.kernels.TileAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * A task graph in the making, for one capacity: its slots, its grids, and which parameters are on
 * the device already.
 */
final class GraphBuilder {
    private static final int HEAD_THREADS = 128;

    private final Program program;
    private final Capacity capacity;
    private final int[] stageRows;
    private final Geometry geometry;
    private final TaskList tasks = new TaskList();
    private final FloatArray[] slots;
    private final Map<HalfKey, HalfFloatArray> halves = new HashMap<>();
    private final Map<TileKey, TileAttentionTask> tiles = new HashMap<>();

    private final Set<TileAttentionTask> sentTiles = new HashSet<>();

    /** A slot laid out with some stride: one array. */
    private record HalfKey(int slot, int stride) {}

    /** Layers that attend alike share their work items. */
    private record TileKey(SigmoidAttention spec, TileAttentionTask.Layout layout, int stage) {}

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

    /** A slot as halves, rows {@code stride} apart after the lead. */
    HalfFloatArray halves(int slot, int stride) {
        return halves.computeIfAbsent(
                new HalfKey(slot, stride), key -> newHalves(rows(slot), stride));
    }

    /** Halves that no slot holds. */
    static HalfFloatArray newHalves(int rows, int stride) {
        return new HalfFloatArray(
                Math.addExact(HalfKernels.LEAD, Math.multiplyExact(rows, stride)));
    }

    /** The tile attention of a stage's rows. */
    TileAttentionTask tiles(SigmoidAttention spec, TileAttentionTask.Layout layout, int stage) {
        return tiles.computeIfAbsent(
                new TileKey(spec, layout, stage),
                key -> {
                    int rows = stageRows[stage];
                    int blocks = rows / TileAttention.QUERIES + capacity.sequences();
                    return new TileAttentionTask(spec, layout, blocks, rows / capacity.sequences());
                });
    }

    /** Adds an attention of halves to the graph; the first that attends alike brings its items. */
    void attend(TileAttentionTask task, String name, HalfFloatArray rows, HalfFloatArray out) {
        if (sentTiles.add(task)) {
            task.addTo(graph(), name, rows, rows, rows, out);
        } else {
            task.addKernel(graph(), name, rows, rows, rows, out);
        }
    }

    /** Describes a batch to every task. */
    void fill(List<RaggedBatch> stages) {
        geometry.fill(stages);
        tiles.forEach((key, task) -> task.fill(stages.get(key.stage()), stages.get(key.stage())));
    }

    /** Sends parameters to the device, once. */
    void resident(Object... arrays) {
        tasks.resident(arrays);
    }

    /** Names a task, so that an error names the operation, and gives it its grid. */
    String task(String kind, int slot, WorkerGrid grid) {
        return tasks.task(kind, program.slot(slot).name(), grid);
    }

    /** Names a task of a library, which has no grid. */
    String libraryTask(String kind, int slot) {
        return tasks.task(kind, program.slot(slot).name());
    }

    /** A warp for each row of a slot. */
    WorkerGrid warpGrid(int slot) {
        return TaskList.grid(Math.ceilDiv(rows(slot), RowKernels.ROWS), RowKernels.THREADS);
    }

    /** A thread for each head of a slot's rows. */
    WorkerGrid headGrid(int slot, int heads) {
        return TaskList.grid(
                Math.ceilDiv(Math.multiplyExact(rows(slot), heads), HEAD_THREADS), HEAD_THREADS);
    }

    /** A group for each row of a slot. */
    WorkerGrid groupGrid(int slot) {
        return TaskList.grid(rows(slot), RowKernels.THREADS);
    }

    /** A group for each tile of a linear layer's output. */
    WorkerGrid linearGrid(int slot) {
        return TaskList.grid(
                Math.ceilDiv(width(slot), LinearKernel.TILE),
                Math.ceilDiv(rows(slot), LinearKernel.TILE),
                LinearKernel.THREADS);
    }
}
