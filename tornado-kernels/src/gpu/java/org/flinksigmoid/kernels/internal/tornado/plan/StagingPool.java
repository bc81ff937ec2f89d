package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;

/**
 * As many runs of a program as may be under way at once: while the kernels of one run, the inputs
 * of the next go up and the results of the one before come down.
 */
final class StagingPool {
    private static final int RUNS = 3;

    private final Card card;
    private final Crew crew;
    private final Semaphore free = new Semaphore(RUNS, true);
    private final ConcurrentLinkedDeque<Staging> idle = new ConcurrentLinkedDeque<>();

    StagingPool(Card card, Crew crew) {
        this.card = card;
        this.crew = crew;
    }

    /** Memory for one run; waits while all is taken. */
    Staging take() {
        free.acquireUninterruptibly();
        Staging known = idle.pollFirst();
        return known == null ? new Staging(card, crew) : known;
    }

    /** Whether no run is under way but the one that asks. */
    boolean oneTaken() {
        return free.availablePermits() == RUNS - 1;
    }

    /** Gives it back; nothing may be on its way through it. */
    void give(Staging staging) {
        staging.settle(); // keeps no batch
        idle.addFirst(staging);
        free.release();
    }

    /** Waits for every run under way and frees all; on no lock of the card. */
    void close() {
        free.acquireUninterruptibly(RUNS);
        card.beside(
                () -> {
                    idle.forEach(Staging::free);
                    idle.clear();
                    return null;
                });
        free.release(RUNS);
    }
}
