package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.flinksigmoid.pipelines.source.BadInput;

/**
 * Tells of input that could not be used, as it comes and in sum. What is wrong with one input again
 * and again, such as its sample rate with every chunk, is told {@value #TIMES} times.
 */
final class Problems implements Consumer<BadInput> {
    private static final int TIMES = 3;

    /** So many inputs and reasons are told apart; then every problem is printed. */
    private static final int KEPT = 10_000;

    private static final Pattern PLACE = Pattern.compile(" (chunk|line) \\d+$");

    private final PrintWriter err;
    private final Map<BadInput, Integer> told = new HashMap<>();
    private long count;
    private long untold;

    Problems(PrintWriter err) {
        this.err = err;
    }

    @Override
    public synchronized void accept(BadInput problem) {
        count++;
        BadInput anywhere =
                new BadInput(PLACE.matcher(problem.input()).replaceFirst(""), problem.reason());
        if (told.size() < KEPT || told.containsKey(anywhere)) {
            int times = told.merge(anywhere, 1, Integer::sum);
            if (times > TIMES) {
                untold++;
                return;
            }
        }
        err.println("left out: " + problem);
        err.flush();
    }

    synchronized void summarise() {
        if (count > 0) {
            err.printf(
                    "%d of the inputs, or parts of them, were left out; see above%s.%n",
                    count,
                    untold == 0 ? "" : ", but for %d more of the same reasons".formatted(untold));
            err.flush();
        }
    }
}
