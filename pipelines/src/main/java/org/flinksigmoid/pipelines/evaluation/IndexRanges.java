package org.flinksigmoid.pipelines.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers as {@code 0-4} or {@code 0-4,7,9}.
 *
 * @param ranges pairs of first and last
 */
public record IndexRanges(List<Range> ranges) {
    private static final Pattern RANGE =
            Pattern.compile("\\s*(\\d{1,9})\\s*(?:-\\s*(\\d{1,9}))?\\s*");

    /** Every number. */
    public static final IndexRanges ALL = new IndexRanges(List.of(new Range(0, Integer.MAX_VALUE)));

    /**
     * @param first the smallest number in it
     * @param last the largest number in it
     */
    public record Range(int first, int last) {}

    /** Copies the ranges. */
    public IndexRanges {
        ranges = List.copyOf(ranges);
    }

    /**
     * @throws IllegalArgumentException if it is not like that
     */
    public static IndexRanges parse(String text) {
        List<Range> ranges = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher range = RANGE.matcher(part);
            if (!range.matches()) {
                throw new IllegalArgumentException(
                        "indices: expected numbers and ranges like 0-4,7, found " + text);
            }
            int first = Integer.parseInt(range.group(1));
            int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
            if (last < first) {
                throw new IllegalArgumentException(
                        "indices: expected first <= last, found " + part.strip());
            }
            ranges.add(new Range(first, last));
        }
        return new IndexRanges(ranges);
    }

    /** Whether it is one of the numbers. */
    public boolean contains(int number) {
        return ranges.stream().anyMatch(r -> r.first() <= number && number <= r.last());
    }
}
