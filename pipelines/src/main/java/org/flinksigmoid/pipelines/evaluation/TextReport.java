package org.flinksigmoid.pipelines.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.flinksigmoid.operators.types.Score;

/**
 * Accuracy and area under the ROC curve of scored texts. A model with one output says yes from 0.5
 * on; a text is a yes if its label is the output's name, {@code 1}, {@code yes} or {@code true}. Of
 * several classes the area is the mean over the classes that occur, each against the others.
 */
public final class TextReport {
    private static final float THRESHOLD = 0.5f;

    /** So many labels are named in a refusal. */
    private static final int NAMED = 10;

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

    /**
     * Refuses texts that the model can't be measured on: each one of another label would count as
     * wrong, whatever the model says. Of a single output every label that is no yes is a no, so
     * there only labels are refused of which none is a yes, where there are several.
     *
     * @throws IllegalArgumentException naming file, labels expected and labels found
     */
    public void requireKnown(Path file, List<LabelledText> texts) {
        SortedMap<String, Long> others = new TreeMap<>();
        for (LabelledText text : texts) {
            if (single ? !isYes(text.label()) : !classes.contains(text.label())) {
                others.merge(text.label(), 1L, Long::sum);
            }
        }
        long count = others.values().stream().mapToLong(Long::longValue).sum();
        if (single ? others.size() < 2 || count < texts.size() : count == 0) {
            return;
        }
        List<String> found = new ArrayList<>();
        others.forEach((label, rows) -> found.add("%s (%d)".formatted(label, rows)));
        String expected =
                single
                        ? "some labels that say yes (%s)".formatted(names(yes()))
                        : "labels of the model (%s)".formatted(names(classes));
        throw new IllegalArgumentException(
                "%s: expected %s, found %d texts of others: %s"
                        .formatted(file, expected, count, names(found)));
    }

    private static String names(List<String> all) {
        String first = all.stream().limit(NAMED).collect(Collectors.joining(", "));
        return all.size() > NAMED ? first + " and " + (all.size() - NAMED) + " more" : first;
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
        return yes().stream().anyMatch(name -> name.equalsIgnoreCase(label));
    }

    private List<String> yes() {
        List<String> all = new ArrayList<>(classes);
        all.addAll(List.of("1", "yes", "true"));
        return all;
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
