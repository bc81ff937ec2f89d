package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.util.function.Consumer;
import org.flinksigmoid.pipelines.source.BadInput;

/**
 * Tells of input that could not be used, as it comes and in sum. Called by one thread at a time.
 */
final class Problems implements Consumer<BadInput> {
    private final PrintWriter err;
    private long count;

    Problems(PrintWriter err) {
        this.err = err;
    }

    @Override
    public synchronized void accept(BadInput problem) {
        count++;
        err.println("left out: " + problem);
        err.flush();
    }

    synchronized void summarise() {
        if (count > 0) {
            err.printf("%d of the inputs, or parts of them, were left out; see above.%n", count);
            err.flush();
        }
    }
}
