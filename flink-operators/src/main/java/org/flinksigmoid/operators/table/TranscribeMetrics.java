package org.flinksigmoid.operators.table;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** What TRANSCRIBE reports, in the group {@code transcribe} of its operator. */
final class TranscribeMetrics {
    private final Counter windows;
    private final Counter finals;
    private final Counter partials;
    private final Counter gaps;
    private final Counter late;
    private final Counter rejected;
    private final Counter duplicates;

    TranscribeMetrics(MetricGroup operator) {
        MetricGroup group = operator.addGroup("transcribe");
        windows = group.counter("windows");
        finals = group.counter("finals");
        partials = group.counter("partials");
        gaps = group.counter("gaps");
        late = group.counter("lateChunks");
        rejected = group.counter("rejectedChunks");
        duplicates = group.counter("duplicateChunks");
    }

    void windows(int count) {
        windows.inc(count);
    }

    void transcript(boolean isFinal) {
        (isFinal ? finals : partials).inc();
    }

    void gap() {
        gaps.inc();
    }

    void late() {
        late.inc();
    }

    void rejected() {
        rejected.inc();
    }

    void duplicate() {
        duplicates.inc();
    }
}
