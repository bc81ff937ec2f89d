package org.flinksigmoid.kernels.internal.tornado.kernels;

import org.flinksigmoid.kernels.internal.tornado.tiles.WarpgroupTile;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A warpgroup's place in the ring of stages that keys and values come through, and the stage that
 * it holds: the one before, whose keys have been used and whose values have not.
 */
final class WarpgroupStages {
    private final WarpgroupShape shape;
    private final int ring;
    private final int barriers;
    private int held; // before stage: TornadoVM moves them in this order, and would lose it
    private int stage;
    private int turn;

    /**
     * At the first stage.
     *
     * @param ring address of the first
     * @param barriers address of the barriers, see {@link WarpgroupTile#makeBarriers}
     */
    WarpgroupStages(WarpgroupShape shape, int ring, int barriers) {
        this.shape = shape;
        this.ring = ring;
        this.barriers = barriers;
        this.held = 0;
        this.stage = 0;
        this.turn = 0;
    }

    /** Address of this stage. */
    int address() {
        return address(stage);
    }

    /** The number of the stage that is held. */
    int held() {
        return held;
    }

    /** Address of the stage that is held. */
    int heldAddress() {
        return address(held);
    }

    private int address(int number) {
        return ring + number * shape.stageBytes();
    }

    private int barrier(int number) {
        return barriers + 8 * number;
    }

    /** Holds this stage, and on to the next. */
    void hold() {
        held = stage;
        next();
    }

    /** On to the next stage. */
    void next() {
        stage++;
        if (stage == shape.stages()) {
            stage = 0;
            turn ^= 1;
        }
    }

    /** Fills this stage, once it is free, with a head's keys from {@code row} on. */
    void fill(IntArray maps, int row, int head) {
        WarpgroupTile.fill(
                address(),
                barrier(stage),
                turn,
                maps,
                row,
                head * (shape.width() / WarpgroupShape.panel(shape.width())),
                shape.tile(),
                shape.width());
    }

    /** 1 if this stage is full by now. */
    int full() {
        return WarpgroupTile.full(barrier(stage), turn);
    }

    /**
     * Waits until this stage is full; keys from {@code left} on, another sequence's, become zeros.
     */
    void await(int left) {
        WarpgroupTile.awaitFull(barrier(stage), turn);
        if (left < shape.tile()) {
            WarpgroupTile.zeroRows(address(), left, shape.tile(), shape.width());
        }
    }

    /** This warp is done with a stage. */
    void release(int number) {
        WarpgroupTile.release(barrier(number));
    }

    /** Leaves out a tile: waits until it is there, and lets it go. */
    void pass() {
        WarpgroupTile.awaitFull(barrier(stage), turn);
        release(stage);
        next();
    }
}
