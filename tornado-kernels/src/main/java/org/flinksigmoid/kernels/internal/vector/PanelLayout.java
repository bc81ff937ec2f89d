package org.flinksigmoid.kernels.internal.vector;

import org.flinksigmoid.kernels.internal.interpret.SlotLayout;

/**
 * {@link Panels}, copied by the threads that compute with them: a thread finds the rows that it
 * wrote last in its own cache.
 */
final class PanelLayout implements SlotLayout {
    private final WorkerPool pool;

    PanelLayout(WorkerPool pool) {
        this.pool = pool;
    }

    @Override
    public int size(int rows, int width) {
        return Panels.size(rows, width);
    }

    @Override
    public void load(float[] rowMajor, int rows, int width, float[] slot) {
        pool.run(
                (panel, worker) -> Panels.load(rowMajor, rows, width, slot, panel),
                Panels.count(rows));
    }

    @Override
    public void store(float[] slot, int rows, int width, float[] rowMajor) {
        pool.run(
                (panel, worker) -> Panels.store(slot, rows, width, rowMajor, panel),
                Panels.count(rows));
    }
}
