package org.flinksigmoid.kernels.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;

/**
 * The rounds of {@link ContestBenchmark}, of all forks. Error bars are 95% confidence intervals of
 * a median, from the order of the rounds (of ten, the second and the last but one).
 *
 * @param all in each round an iteration of each side
 */
record Rounds(List<Map<ContestBenchmark.Side, Iteration>> all) {
    /**
     * What JMH measured.
     *
     * @param seconds a call
     * @param secondsPerFlop a floating point operation
     * @param bytes allocated a call, on all threads
     */
    record Iteration(double seconds, double secondsPerFlop, double bytes) {
        private static Iteration of(IterationResult result) {
            var secondary = result.getSecondaryResults();
            var bytes = secondary.get("gc.alloc.rate.norm"); // left out where it is 0
            return new Iteration(
                    result.getPrimaryResult().getScore(),
                    secondary.get("flops").getScore(),
                    bytes == null ? 0 : bytes.getScore());
        }
    }

    /** From JMH's results, in which warm-up is left out. */
    static Rounds of(RunResult result) {
        List<Map<ContestBenchmark.Side, Iteration>> all = new ArrayList<>();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            Map<ContestBenchmark.Side, Iteration> round =
                    new EnumMap<>(ContestBenchmark.Side.class);
            int index = 0;
            for (IterationResult iteration : fork.getIterationResults()) {
                List<ContestBenchmark.Side> turns = ContestBenchmark.TURNS;
                round.put(turns.get(index++ % turns.size()), Iteration.of(iteration));
                if (round.size() == ContestBenchmark.Side.values().length) {
                    all.add(Map.copyOf(round));
                    round.clear();
                }
            }
        }
        return new Rounds(List.copyOf(all));
    }

    Comparison compare(String work, String against) {
        double[] ratios = ratios(ContestBenchmark.Side.THEIRS, ContestBenchmark.Side.OURS);
        int outside = outside(ratios.length);
        return new Comparison(
                work,
                against,
                1e-9 / ours(Iteration::secondsPerFlop),
                1e3 * ours(Iteration::seconds),
                median(ratios),
                ratios[outside],
                ratios[ratios.length - 1 - outside],
                median(ratios(ContestBenchmark.Side.LIMIT, ContestBenchmark.Side.OURS)),
                median(ratios(ContestBenchmark.Side.LIMIT, ContestBenchmark.Side.THEIRS)),
                ours(Iteration::bytes));
    }

    private double ours(ToDoubleFunction<Iteration> what) {
        return median(
                all.stream()
                        .map(round -> round.get(ContestBenchmark.Side.OURS))
                        .mapToDouble(what)
                        .sorted()
                        .toArray());
    }

    /** Of the times that one side takes for as many operations as the other, ascending. */
    private double[] ratios(ContestBenchmark.Side one, ContestBenchmark.Side other) {
        return all.stream()
                .mapToDouble(
                        round ->
                                round.get(one).secondsPerFlop() / round.get(other).secondsPerFlop())
                .sorted()
                .toArray();
    }

    private static double median(double[] sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /**
     * How many of {@code count} values lie below a median's 95% interval: the most for which the
     * chance that as few fall on one side of the true median, twice, is at most 5% (none if even
     * that is not reached).
     */
    static int outside(int count) {
        double term = Math.pow(0.5, count);
        double tail = 0;
        for (int below = 0; below < count / 2; below++) {
            tail += term;
            if (2 * tail > 0.05) {
                return Math.max(0, below - 1);
            }
            term *= (double) (count - below) / (below + 1);
        }
        return Math.max(0, count / 2 - 1);
    }
}
