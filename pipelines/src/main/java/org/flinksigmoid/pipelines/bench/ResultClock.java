package org.flinksigmoid.pipelines.bench;

import java.util.function.Consumer;

/** Counts results and notes when the first and the last came. Called by one thread at a time. */
final class ResultClock implements Consumer<Object> {
    /** Results that don't count; a rate takes more. */
    static final int WARM_UP = 20 * 64;

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
        if (count <= WARM_UP) {
            throw new IllegalStateException(
                    "bench: expected more than %d results, found %d".formatted(WARM_UP, count));
        }
        return (count - WARM_UP) / ((last - first) / 1e9);
    }
}
