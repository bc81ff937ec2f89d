package org.flinksigmoid.pipelines.bench;

import java.util.function.Consumer;

/** Counts results and notes when the first and the last came. Called by one thread at a time. */
final class ResultClock implements Consumer<Object> {
    /** Results that don't count. */
    static final int WARM_UP = 20 * 64;

    /**
     * Fewest results of a rate. They come in bursts, a batch at a time, so as many count as don't:
     * 16 that came at once would be any number a second.
     */
    static final int LEAST = 2 * WARM_UP;

    private long count;
    private long first;
    private long last;

    @Override
    public synchronized void accept(Object result) {
        count++;
        last = System.nanoTime();
        if (count == WARM_UP) {
            first = last;
        }
    }

    /**
     * Results per second behind the warm-up.
     *
     * @throws IllegalStateException if there were too few
     */
    synchronized double rate() {
        if (count < LEAST) {
            throw new IllegalStateException(
                    "bench: expected at least %d results, found %d".formatted(LEAST, count));
        }
        return (count - WARM_UP) / ((last - first) / 1e9);
    }
}
