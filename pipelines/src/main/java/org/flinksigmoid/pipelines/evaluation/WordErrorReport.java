package org.flinksigmoid.pipelines.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Word errors of many streams, in all and by speaker. */
public final class WordErrorReport {
    private final Map<String, WordErrors> bySpeaker = new TreeMap<>();
    private final Map<String, Integer> streamsBySpeaker = new TreeMap<>();

    /** An empty report. */
    public WordErrorReport() {}

    /** Counts a stream. */
    public void add(LabelledStream stream, String hypothesis) {
        bySpeaker.merge(
                stream.speaker(),
                WordErrors.between(stream.transcript(), hypothesis),
                WordErrors::plus);
        streamsBySpeaker.merge(stream.speaker(), 1, Integer::sum);
    }

    /** Of all streams together. */
    public WordErrors total() {
        return bySpeaker.values().stream().reduce(WordErrors.NONE, WordErrors::plus);
    }

    /** Number of streams. */
    public int streams() {
        return streamsBySpeaker.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** A table for people: a line for each speaker, one for all. */
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "%-20s %8s %8s %8s %8s".formatted("speaker", "streams", "words", "errors", "WER"));
        bySpeaker.forEach(
                (speaker, errors) ->
                        lines.add(row(speaker, streamsBySpeaker.get(speaker), errors)));
        lines.add(row("all", streams(), total()));
        return lines;
    }

    private static String row(String name, int streams, WordErrors errors) {
        double percent = 100 * errors.rate();
        return String.format(
                Locale.ROOT,
                "%-20s %8d %8d %8d %8s",
                name,
                streams,
                errors.words(),
                errors.errors(),
                Double.isFinite(percent) ? String.format(Locale.ROOT, "%.2f%%", percent) : "none");
    }
}
