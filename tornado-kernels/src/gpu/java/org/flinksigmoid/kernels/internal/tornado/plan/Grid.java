package org.flinksigmoid.kernels.internal.tornado.plan;

/**
 * How many threads run a kernel.
 *
 * @param x groups
 * @param y groups in the second dimension
 * @param threads threads of a group
 * @param sharedBytes of dynamic shared memory for a group
 */
record Grid(int x, int y, int threads, int sharedBytes) {
    /** Groups without dynamic shared memory. */
    Grid(int x, int y, int threads) {
        this(x, y, threads, 0);
    }

    /** So many groups in one dimension. */
    static Grid of(int groups, int threads) {
        return new Grid(groups, 1, threads);
    }
}
