package org.flinksigmoid.pipelines.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Scores of two classes, and how well they tell them apart. Not thread-safe. */
public final class BinaryScores {
    private final List<Entry> entries = new ArrayList<>();

    private record Entry(double score, boolean positive) {}

    /** Adds a score; higher means positive. */
    public void add(double score, boolean positive) {
        entries.add(new Entry(score, positive));
    }

    /**
     * The area under the ROC curve: the chance that a positive scores above a negative, ties
     * counting half. NaN where one of the classes is missing.
     */
    public double areaUnderCurve() {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingDouble(Entry::score));
        double rankSum = 0;
        long positives = 0;
        int from = 0;
        while (from < sorted.size()) {
            int to = from;
            long tiedPositives = 0;
            while (to < sorted.size()
                    && Double.compare(sorted.get(to).score(), sorted.get(from).score()) == 0) {
                tiedPositives += sorted.get(to).positive() ? 1 : 0;
                to++;
            }
            rankSum += tiedPositives * (from + 1 + to) / 2.0;
            positives += tiedPositives;
            from = to;
        }
        long negatives = sorted.size() - positives;
        if (positives == 0 || negatives == 0) {
            return Double.NaN;
        }
        return (rankSum - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
    }
}
