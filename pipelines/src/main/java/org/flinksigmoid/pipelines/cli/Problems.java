package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.flinksigmoid.pipelines.source.BadInput;
import picocli.CommandLine.ExitCode;

/**
 * Tells of input that could not be used, as it comes and in sum. What is wrong with one input again
 * and again, such as its sample rate with every chunk, is told {@value #TIMES} times.
 */
final class Problems implements Consumer<BadInput> {
    private static final int TIMES = 3;

    /** So many inputs and reasons are told apart; then every problem is printed. */
    private static final int KEPT = 10_000;

    /** A round of a loop, as streams' ids have it, and a place in it. */
    private static final Pattern PLACE = Pattern.compile("(#\\d+)?( (chunk|line) \\d+)?$");

    private final PrintWriter err;
    private final Map<BadInput, Integer> told = new HashMap<>();
    private final LongAdder results = new LongAdder();
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
        err.println("left out: " + Printable.of(problem.toString()));
        err.flush();
    }

    /** Counts results on their way to {@code consumer}. */
    <T> Consumer<T> counting(Consumer<T> consumer) {
        return result -> {
            results.increment();
            consumer.accept(result);
        };
    }

    /**
     * Sums up, at the end.
     *
     * @param code the exit code of the job
     * @return the command's exit code: a failure if there were problems and no result
     */
    synchronized int summarise(int code) {
        if (count == 0) {
            return code;
        }
        err.printf(
                "%d of the inputs, or parts of them, were left out; see above%s.%n",
                count,
                untold == 0 ? "" : ", but for %d more of the same reasons".formatted(untold));
        boolean nothing = results.sum() == 0;
        if (nothing) {
            err.println("No result: nothing that came in could be used.");
        }
        err.flush();
        return nothing ? ExitCode.SOFTWARE : code;
    }
}
