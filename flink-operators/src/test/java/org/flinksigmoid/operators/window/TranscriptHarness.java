package org.flinksigmoid.operators.window;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.operators.metrics.Counters;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;

/** A transcript operator on Flink's harness, and a stand-in for the model in front of it. */
final class TranscriptHarness implements AutoCloseable {
    static final CtcLabels LABELS = new CtcLabels(List.of("_", "1", "2", "3", "4"), 0);

    private final KeyedOneInputStreamOperatorTestHarness<String, WindowLogProbs, Transcript>
            harness;
    private final Counters counters = new Counters("transcript");
    private final List<Transcript> results = new ArrayList<>();
    private long watermark = Long.MIN_VALUE;

    TranscriptHarness(boolean partials, OperatorSubtaskState state) throws Exception {
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new TranscriptOperator(PreprocessorConfig.DIGITS, LABELS, partials, 10_000),
                        WindowLogProbs::streamId,
                        Types.STRING,
                        counters.environment(1, 0, 1));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
    }

    TranscriptHarness() throws Exception {
        this(true, null);
    }

    void send(WindowLogProbs window, long timestamp) throws Exception {
        harness.processElement(window, timestamp);
        collect();
    }

    void watermark(long timestamp) throws Exception {
        harness.processWatermark(timestamp);
        collect();
    }

    OperatorSubtaskState snapshot() throws Exception {
        return harness.snapshot(1, 1);
    }

    List<Transcript> results() {
        return results;
    }

    List<WindowLogProbs> late() {
        var records = harness.getSideOutput(TranscriptAssembler.LATE);
        return records == null ? List.of() : records.stream().map(StreamRecord::getValue).toList();
    }

    Map<String, Long> counts() {
        return counters.counts();
    }

    int streamsInState() {
        return harness.numKeyedStateEntries();
    }

    int timers() {
        return harness.numEventTimeTimers();
    }

    private void collect() {
        Queue<Object> output = harness.getOutput();
        for (Object next = output.poll(); next != null; next = output.poll()) {
            if (next instanceof Watermark mark) {
                watermark = mark.getTimestamp();
            } else if (next instanceof StreamRecord<?> element) {
                if (element.getTimestamp() <= watermark) {
                    throw new AssertionError(element + " is late: the watermark is " + watermark);
                }
                results.add((Transcript) element.getValue());
            }
        }
    }

    @Override
    public void close() throws Exception {
        harness.close();
    }

    /** Loud steps say a label by their lowest strong band, quiet ones are blank. */
    static WindowLogProbs standIn(FeatureWindow window) {
        int steps = (window.frames() + 3) / 4;
        int classes = LABELS.size();
        float[] logProbs = new float[steps * classes];
        for (int step = 0; step < steps; step++) {
            int frame = 4 * step;
            int strongest = 0;
            for (int m = 1; m < window.width(); m++) {
                int at = frame * window.width();
                if (window.features()[at + m] > window.features()[at + strongest]) {
                    strongest = m;
                }
            }
            float loudness = window.features()[frame * window.width() + strongest];
            int label = loudness > 0.3f ? 1 + strongest * 4 / window.width() : 0;
            for (int c = 0; c < classes; c++) {
                logProbs[step * classes + c] = c == label ? -0.1f : -4 - 0.1f * loudness;
            }
        }
        return WindowLogProbs.of(window, classes, logProbs);
    }
}
