package org.flinksigmoid.kernels.decode;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * CTC prefix beam search (Hannun et al., arXiv:1408.2873): the paths that spell the same labels are
 * added up, and after each step the {@code width} likeliest prefixes are kept. A prefix's times are
 * those of the likeliest path that spells it. {@code O(steps * width * classes)}; thread-safe.
 */
public final class CtcPrefixBeam {
    private final int width;
    private final int blank;

    /**
     * @param width prefixes kept after each step, at least 1
     * @param blank id of the blank
     */
    public CtcPrefixBeam(int width, int blank) {
        if (width < 1) {
            throw new IllegalArgumentException("beam width: expected >= 1, found " + width);
        }
        this.width = width;
        this.blank = blank;
    }

    /**
     * One reading of an utterance.
     *
     * @param tokens in time order
     * @param logProbability natural logarithm of the sum over its paths that stayed in the beam
     */
    public record Hypothesis(List<CtcToken> tokens, double logProbability) {}

    /**
     * Decodes a whole utterance.
     *
     * @param logProbs {@code [steps, classes]}
     * @return at most {@code width} readings, the likeliest first; never empty
     * @throws IllegalArgumentException if the scores are not whole rows
     */
    public List<Hypothesis> decode(float[] logProbs, int classes) {
        int steps = CtcGreedy.steps(logProbs, classes, blank);
        Prefix root = new Prefix(blank);
        root.withBlank = 0;
        root.bestWithBlank = 0;
        List<Prefix> beam = List.of(root);
        for (int step = 0; step < steps; step++) {
            beam = advance(beam, logProbs, step, classes);
        }
        List<Hypothesis> hypotheses = new ArrayList<>();
        for (Prefix prefix : beam) {
            hypotheses.add(new Hypothesis(tokens(prefix.bestPath()), prefix.total()));
        }
        return hypotheses;
    }

    private List<Prefix> advance(List<Prefix> beam, float[] logProbs, int step, int classes) {
        List<Prefix> touched = new ArrayList<>();
        int row = step * classes;
        for (Prefix prefix : beam) {
            double total = prefix.total();
            double best = Math.max(prefix.bestWithBlank, prefix.bestWithLabel);
            double blankScore = logProbs[row + blank];
            prefix.touch(touched);
            prefix.addBlank(total + blankScore, best + blankScore, prefix.bestPath());
            for (int label = 0; label < classes; label++) {
                if (label == blank) {
                    continue;
                }
                double score = logProbs[row + label];
                boolean repeats = label == prefix.label;
                if (repeats) {
                    prefix.addLabel(
                            prefix.withLabel + score,
                            prefix.bestWithLabel + score,
                            prefix.pathWithLabel == null
                                    ? null
                                    : prefix.pathWithLabel.endingAt(step + 1));
                }
                // After the same label only a blank lets another one begin.
                double from = repeats ? prefix.withBlank : total;
                double bestFrom = repeats ? prefix.bestWithBlank : best;
                if (from == Double.NEGATIVE_INFINITY) {
                    continue;
                }
                Path path = repeats ? prefix.pathWithBlank : prefix.bestPath();
                Prefix longer = prefix.child(label, classes);
                longer.touch(touched);
                longer.addLabel(
                        from + score, bestFrom + score, new Path(path, label, step, step + 1));
            }
        }
        touched.forEach(Prefix::commit);
        touched.sort(Comparator.comparingDouble(Prefix::total).reversed());
        List<Prefix> kept = touched.subList(0, Math.min(width, touched.size()));
        for (Prefix dropped : touched.subList(kept.size(), touched.size())) {
            dropped.reset();
        }
        return kept;
    }

    private static List<CtcToken> tokens(Path path) {
        List<CtcToken> tokens = new ArrayList<>();
        for (Path at = path; at != null; at = at.before) {
            tokens.addFirst(new CtcToken(at.label, at.startStep, at.endStep));
        }
        return tokens;
    }

    private static double add(double a, double b) {
        double greater = Math.max(a, b);
        if (greater == Double.NEGATIVE_INFINITY) {
            return greater;
        }
        return greater + Math.log1p(Math.exp(Math.min(a, b) - greater));
    }

    /** One token of a path and all before it; {@code before} is null at the first. */
    private record Path(Path before, int label, int startStep, int endStep) {
        Path endingAt(int step) {
            return new Path(before, label, startStep, step);
        }
    }

    /**
     * A node of the tree of prefixes; log scores of its paths that end in blank and in its label.
     */
    private static final class Prefix {
        final int label;
        private Prefix[] children;
        double withBlank = Double.NEGATIVE_INFINITY;
        double withLabel = Double.NEGATIVE_INFINITY;
        double bestWithBlank = Double.NEGATIVE_INFINITY;
        double bestWithLabel = Double.NEGATIVE_INFINITY;
        Path pathWithBlank;
        Path pathWithLabel;
        private double nextWithBlank;
        private double nextWithLabel;
        private double nextBestWithBlank;
        private double nextBestWithLabel;
        private Path nextPathWithBlank;
        private Path nextPathWithLabel;
        private boolean touched;

        Prefix(int label) {
            this.label = label;
        }

        double total() {
            return add(withBlank, withLabel);
        }

        Path bestPath() {
            return bestWithLabel > bestWithBlank ? pathWithLabel : pathWithBlank;
        }

        Prefix child(int childLabel, int classes) {
            if (children == null) {
                children = new Prefix[classes];
            }
            if (children[childLabel] == null) {
                children[childLabel] = new Prefix(childLabel);
            }
            return children[childLabel];
        }

        void touch(List<Prefix> list) {
            if (!touched) {
                touched = true;
                list.add(this);
                nextWithBlank = Double.NEGATIVE_INFINITY;
                nextWithLabel = Double.NEGATIVE_INFINITY;
                nextBestWithBlank = Double.NEGATIVE_INFINITY;
                nextBestWithLabel = Double.NEGATIVE_INFINITY;
                nextPathWithBlank = null;
                nextPathWithLabel = null;
            }
        }

        void addBlank(double score, double best, Path path) {
            nextWithBlank = add(nextWithBlank, score);
            if (best > nextBestWithBlank) {
                nextBestWithBlank = best;
                nextPathWithBlank = path;
            }
        }

        void addLabel(double score, double best, Path path) {
            nextWithLabel = add(nextWithLabel, score);
            if (best > nextBestWithLabel) {
                nextBestWithLabel = best;
                nextPathWithLabel = path;
            }
        }

        void commit() {
            touched = false;
            withBlank = nextWithBlank;
            withLabel = nextWithLabel;
            bestWithBlank = nextBestWithBlank;
            bestWithLabel = nextBestWithLabel;
            pathWithBlank = nextPathWithBlank;
            pathWithLabel = nextPathWithLabel;
        }

        void reset() {
            withBlank = Double.NEGATIVE_INFINITY;
            withLabel = Double.NEGATIVE_INFINITY;
            bestWithBlank = Double.NEGATIVE_INFINITY;
            bestWithLabel = Double.NEGATIVE_INFINITY;
            pathWithBlank = null;
            pathWithLabel = null;
        }
    }
}
