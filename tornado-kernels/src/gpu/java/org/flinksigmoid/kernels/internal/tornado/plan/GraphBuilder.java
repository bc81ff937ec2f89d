package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;
import org.flinksigmoid.kernels.internal.tornado.kernels.LayoutKernels;
import org.flinksigmoid.kernels.internal.tornado.kernels.LinearKernel;
import org.flinksigmoid.kernels.internal.tornado.kernels.RowKernels;
import org.flinksigmoid.kernels.internal.tornado.kernels.TileAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** A program's recording for one capacity: its slots, its grids, how batches lie. */
final class GraphBuilder {
    private final Program program;
    private final Capacity capacity;
    private final int[] stageRows;
    private final Recording recording;
    private final Geometry geometry;
    private final Region[] slots;
    private final Map<HalfKey, Region> halves = new HashMap<>();
    private final Map<TileKey, Tiles> tiles = new HashMap<>();
    private final Set<Integer> numberedStages = new HashSet<>();

    /** A slot laid out with some stride: one array. */
    private record HalfKey(int slot, int stride) {}

    /**
     * Layers that attend alike share their work items and the counters in them: they never overlap.
     */
    private record TileKey(SigmoidAttention spec, TileAttentionTask.Layout layout, int stage) {}

    /** Tile attention's work items, and where they go. */
    private record Tiles(TileAttentionTask task, Region items) {}

    /**
     * A recording to be filled.
     *
     * @param arithmetic what the program computes with
     */
    GraphBuilder(Device device, Program program, Capacity capacity, Arithmetic arithmetic) {
        this.program = program;
        this.capacity = capacity;
        this.stageRows = capacity.stages(program);
        this.recording = new Recording(device);
        this.geometry =
                new Geometry(
                        recording,
                        stageRows,
                        capacity.sequences(),
                        program.tokens() ? stageRows[0] : 0,
                        arithmetic != Arithmetic.HALF);
        this.slots = new Region[program.slots().size()];
    }

    Recording recording() {
        return recording;
    }

    Geometry geometry() {
        return geometry;
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

    /** Where the sequence of each of a slot's rows stands in the geometry. */
    int sequencesAt(int slot) {
        Geometry.Stage stage = stage(slot);
        if (numberedStages.add(program.slot(slot).stage())) {
            recording.kernel(
                    LayoutKernels.class,
                    "sequences",
                    Grid.of(
                            Math.ceilDiv(stage.rows(), LayoutKernels.THREADS),
                            LayoutKernels.THREADS),
                    geometry.array(),
                    Geometry.SEQUENCES_AT,
                    stage.rowsAt(),
                    stage.offsetsAt(),
                    stage.sequencesAt());
        }
        return stage.sequencesAt();
    }

    /** A slot as floats, dense. */
    Region floats(int slot) {
        if (slots[slot] == null) {
            slots[slot] = recording.array(Region.Type.FLOATS, (long) rows(slot) * width(slot));
        }
        return slots[slot];
    }

    /** A slot as halves, rows {@code stride} apart. */
    Region halves(int slot, int stride) {
        return halves.computeIfAbsent(
                new HalfKey(slot, stride), key -> newHalves(rows(slot), stride));
    }

    /** Halves that no slot holds. */
    Region newHalves(int rows, int stride) {
        return recording.array(Region.Type.HALVES, (long) rows * stride);
    }

    /** Adds a kernel that works on a slot. */
    void run(Class<?> owner, String name, Grid grid, Object... arguments) {
        recording.kernel(owner, name, grid, arguments);
    }

    /** Adds tile attention over a stage's rows. */
    void attend(
            SigmoidAttention spec,
            TileAttentionTask.Layout layout,
            int stage,
            Region columns,
            Region slopes,
            Region rows,
            Region out) {
        Tiles shared =
                tiles.computeIfAbsent(
                        new TileKey(spec, layout, stage), key -> newTiles(spec, layout, stage));
        shared.task().addTo(recording, rows, rows, rows, out, shared.items(), columns, slopes);
    }

    /** Describes a batch to every kernel, and sends its token ids. */
    void send(Staging staging, List<RaggedBatch> stages, int[] ids, int from) {
        geometry.fill(stages);
        geometry.send(staging, recording.stream(), ids, from, stages.getFirst().rows());
        sendItems(staging, stages);
    }

    /** Describes a batch of features to every kernel. */
    void send(Staging staging, List<RaggedBatch> stages) {
        geometry.fill(stages);
        geometry.send(staging, recording.stream());
        sendItems(staging, stages);
    }

    private void sendItems(Staging staging, List<RaggedBatch> stages) {
        tiles.forEach(
                (key, shared) -> {
                    RaggedBatch batch = stages.get(key.stage());
                    int[] items = shared.task().items(batch, batch);
                    staging.up(recording.stream(), items, items.length, shared.items());
                });
    }

    private Tiles newTiles(SigmoidAttention spec, TileAttentionTask.Layout layout, int stage) {
        int rows = stageRows[stage];
        int items = rows / TileAttention.QUERIES + capacity.sequences();
        var task = new TileAttentionTask(spec, layout, items, rows / capacity.sequences());
        return new Tiles(task, recording.array(Region.Type.INTS, task.itemNumbers()));
    }

    /** A warp for each row of a slot. */
    Grid warpGrid(int slot) {
        return Grid.of(Math.ceilDiv(rows(slot), RowKernels.ROWS), RowKernels.THREADS);
    }

    /** A warp for each head of a slot's rows. */
    Grid headGrid(int slot, int heads) {
        int warps = Math.multiplyExact(rows(slot), heads);
        return Grid.of(Math.ceilDiv(warps, RowKernels.ROWS), RowKernels.THREADS);
    }

    /** A group for each row of a slot. */
    Grid groupGrid(int slot) {
        return Grid.of(rows(slot), RowKernels.THREADS);
    }

    /** A group for each tile of a linear layer's output. */
    Grid linearGrid(int slot) {
        return new Grid(
                Math.ceilDiv(width(slot), LinearKernel.TILE),
                Math.ceilDiv(rows(slot), LinearKernel.TILE),
                LinearKernel.THREADS);
    }
}
