package org.flinksigmoid.pipelines.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.pipelines.evaluation.LabelledStream;
import org.flinksigmoid.pipelines.evaluation.WordErrors;

/** What was heard in each stream, and how soon. Called by one thread at a time. */
final class DemoTranscripts implements Consumer<Transcript> {
    private final List<LabelledStream> streams;
    private final boolean fast;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, Long> lastWordEnds = new HashMap<>();
    private final List<Long> delays = new ArrayList<>();

    /**
     * @param fast whether event time is not the wall clock's, so that delays mean nothing
     */
    DemoTranscripts(List<LabelledStream> streams, boolean fast) {
        this.streams = streams;
        this.fast = fast;
    }

    @Override
    public void accept(Transcript transcript) {
        if (!fast) {
            long now = System.currentTimeMillis();
            for (long end : transcript.wordEndMillis()) {
                if (end > lastWordEnds.getOrDefault(transcript.streamId(), Long.MIN_VALUE)) {
                    delays.add(now - end);
                    lastWordEnds.put(transcript.streamId(), end);
                }
            }
        }
        if (transcript.isFinal()) {
            texts.merge(
                    transcript.streamId(),
                    transcript.text(),
                    (before, after) -> (before + " " + after).strip());
        }
    }

    /** Streams without a word. */
    List<String> silent() {
        return streams.stream()
                .map(stream -> stream.input().id())
                .filter(id -> texts.getOrDefault(id, "").isBlank())
                .toList();
    }

    /** Errors in the streams whose words are known. */
    WordErrors errors() {
        return streams.stream()
                .filter(stream -> !stream.transcript().isEmpty())
                .map(
                        stream ->
                                WordErrors.between(
                                        stream.transcript(),
                                        texts.getOrDefault(stream.input().id(), "")))
                .reduce(WordErrors.NONE, WordErrors::plus);
    }

    /** What was said and what was heard, where the two differ. */
    List<String> differences() {
        List<String> lines = new ArrayList<>();
        for (LabelledStream stream : streams) {
            String heard = texts.getOrDefault(stream.input().id(), "");
            if (!stream.transcript().isEmpty() && !stream.transcript().equals(heard)) {
                lines.add(
                        "%s: said %s, heard %s"
                                .formatted(stream.input().id(), stream.transcript(), heard));
            }
        }
        return lines;
    }

    /** Milliseconds from a word's end to its first showing, sorted; none when fast. */
    long[] delays() {
        return delays.stream().mapToLong(Long::longValue).sorted().toArray();
    }
}
