package org.flinksigmoid.kernels.internal.tornado.plan;

/**
 * How many threads run a kernel.
 *
 * @param x groups
 * @param y groups in the second dimension
 * @param threads threads of a group
 */
record Grid(int x, int y, int threads) {
    /** So many groups in one dimension. */
    static Grid of(int groups, int threads) {
        return new Grid(groups, 1, threads);
    }
}
