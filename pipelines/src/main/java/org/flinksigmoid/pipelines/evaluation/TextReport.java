package org.flinksigmoid.pipelines.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.flinksigmoid.operators.types.Score;

/**
 * Accuracy and area under the ROC curve of scored texts. A model with one output says yes from 0.5
 * on; a text is a yes if its label is the output's name, {@code 1}, {@code yes} or {@code true}. Of
 * several classes the area is the mean over the classes that occur, each against the others.
 */
public final class TextReport {
    private static final float THRESHOLD = 0.5f;

    private final List<String> classes;
    private final boolean single;
    private final Map<String, long[]> rightAndAll = new TreeMap<>();
    private final List<BinaryScores> scores = new ArrayList<>();
    private long right;
    private long all;

    /**
     * @param classes names of the model's outputs; of a single output possibly none
     * @param single whether the model has one output
     */
    public TextReport(List<String> classes, boolean single) {
        this.classes = List.copyOf(classes);
        this.single = single;
        int outputs = single ? 1 : classes.size();
        for (int i = 0; i < outputs; i++) {
            scores.add(new BinaryScores());
        }
    }

    /** Counts a text. */
    public void add(String label, Score score) {
        boolean correct;
        if (single) {
            boolean yes = isYes(label);
            correct = yes == score.score() >= THRESHOLD;
            scores.getFirst().add(score.score(), yes);
        } else {
            correct = label.equals(score.label());
            for (int i = 0; i < classes.size(); i++) {
                scores.get(i).add(score.scores()[i], classes.get(i).equals(label));
            }
        }
        count(label, correct);
    }

    /** Counts a text that got no score: wrong. */
    public void addMissing(String label) {
        count(label, false);
    }

    private void count(String label, boolean correct) {
        long[] counts = rightAndAll.computeIfAbsent(label, l -> new long[2]);
        counts[0] += correct ? 1 : 0;
        counts[1]++;
        right += correct ? 1 : 0;
        all++;
    }

    private boolean isYes(String label) {
        return classes.stream().anyMatch(name -> name.equalsIgnoreCase(label))
                || label.equals("1")
                || label.equalsIgnoreCase("yes")
                || label.equalsIgnoreCase("true");
    }

    /** Share of texts whose class was found. */
    public double accuracy() {
        return all == 0 ? Double.NaN : (double) right / all;
    }

    /** Area under the ROC curve; NaN where no class can be told from another. */
    public double areaUnderCurve() {
        return scores.stream()
                .mapToDouble(BinaryScores::areaUnderCurve)
                .filter(area -> !Double.isNaN(area))
                .average()
                .orElse(Double.NaN);
    }

    /** Number of texts. */
    public long rows() {
        return all;
    }

    /** A table for people: a line for each label, one for all. */
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add("%-12s %8s %8s %9s".formatted("label", "texts", "right", "accuracy"));
        rightAndAll.forEach((label, counts) -> lines.add(row(label, counts[0], counts[1])));
        lines.add(row("all", right, all));
        return lines;
    }

    private static String row(String name, long right, long all) {
        return String.format(
                Locale.ROOT, "%-12s %8d %8d %8.2f%%", name, all, right, 100.0 * right / all);
    }
}
