package org.flinksigmoid.operators.window;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;

/** {@link TranscriptAssembler} at work: state, timers, outputs and metrics around a decoder. */
final class TranscriptOperator extends AbstractStreamOperator<Transcript>
        implements OneInputStreamOperator<WindowLogProbs, Transcript>,
                Triggerable<String, VoidNamespace> {
    private static final long serialVersionUID = 1L;

    private final PreprocessorConfig config;
    private final CtcLabels labels;
    private final boolean partials;
    private final long timeoutMillis;

    private transient StreamDecoder decoder;
    private transient ValueState<TranscriptState> states;
    private transient InternalTimerService<VoidNamespace> timers;
    private transient EmittedTime emitted;
    private transient Counter finals;
    private transient Counter partialResults;
    private transient Counter lostWindows;
    private transient Counter lateWindows;
    private transient Counter streamsGivenUp;

    TranscriptOperator(
            PreprocessorConfig config, CtcLabels labels, boolean partials, long timeoutMillis) {
        this.config = config;
        this.labels = labels;
        this.partials = partials;
        this.timeoutMillis = timeoutMillis;
    }

    @Override
    public void open() throws Exception {
        super.open();
        decoder = new StreamDecoder(config, labels, partials);
        states =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "transcript", TranscriptStateSerializer.INSTANCE));
        timers = getInternalTimerService("streams", VoidNamespaceSerializer.INSTANCE, this);
        emitted = new EmittedTime();
        MetricGroup group = getMetricGroup().addGroup("transcript");
        finals = group.counter("finals");
        partialResults = group.counter("partials");
        lostWindows = group.counter("lostWindows");
        lateWindows = group.counter("lateWindows");
        streamsGivenUp = group.counter("streamsGivenUp");
    }

    @Override
    public void processElement(StreamRecord<WindowLogProbs> element) throws Exception {
        WindowLogProbs window = element.getValue();
        List<Transcript> results = new ArrayList<>();
        TranscriptState state = states.value();
        if (state != null && state.streamStartMillis() != window.streamStartMillis()) {
            // Another run of the stream: the old one's last window was lost.
            lostWindows.inc();
            giveUp(state, window.streamId(), results);
            state = null;
        }
        if (state == null) {
            state = decoder.begin(window);
        }
        if (window.index() < state.nextIndex()) {
            lateWindows.inc();
            output.collect(
                    TranscriptAssembler.LATE,
                    new StreamRecord<>(window, emitted.onTime(time(element, state))));
            return;
        }
        lostWindows.inc(window.index() - state.nextIndex());
        state = decoder.accept(state, window, results);
        if (window.last()) {
            if (state.timerMillis() != Long.MIN_VALUE) {
                timers.deleteEventTimeTimer(VoidNamespace.INSTANCE, state.timerMillis());
            }
            states.clear();
        } else {
            states.update(withTimer(state));
        }
        emit(results, time(element, state));
    }

    @Override
    public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
        TranscriptState state = states.value();
        if (state == null || state.timerMillis() != timer.getTimestamp()) {
            return;
        }
        long end = state.endMillis() + timeoutMillis;
        // At the end of the input, which in batch mode is that of the key, no further timer fires.
        if (end > timer.getTimestamp() && timers.currentWatermark() < Long.MAX_VALUE) {
            // It went on meanwhile.
            states.update(withTimer(withoutTimer(state)));
            return;
        }
        List<Transcript> results = new ArrayList<>();
        giveUp(withoutTimer(state), timer.getKey(), results);
        emit(results, end);
    }

    @Override
    public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) {
        throw new IllegalStateException("no processing-time timer is ever set");
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        super.processWatermark(mark);
        emitted.passed(mark);
    }

    private void giveUp(TranscriptState state, String streamId, List<Transcript> results) {
        streamsGivenUp.inc();
        if (state.timerMillis() != Long.MIN_VALUE) {
            timers.deleteEventTimeTimer(VoidNamespace.INSTANCE, state.timerMillis());
        }
        decoder.finish(state, streamId, results);
        states.clear();
    }

    /** Sets the timer unless there is one; it moves on when it fires. */
    private TranscriptState withTimer(TranscriptState state) {
        if (state.timerMillis() != Long.MIN_VALUE) {
            return state;
        }
        long timer = state.endMillis() + timeoutMillis;
        timers.registerEventTimeTimer(VoidNamespace.INSTANCE, timer);
        return timerAt(state, timer);
    }

    private static TranscriptState withoutTimer(TranscriptState state) {
        return timerAt(state, Long.MIN_VALUE);
    }

    private static TranscriptState timerAt(TranscriptState state, long timerMillis) {
        return new TranscriptState(
                state.streamStartMillis(),
                state.nextIndex(),
                state.endMillis(),
                timerMillis,
                state.gapMillis(),
                state.partial(),
                state.decoder(),
                state.hearing());
    }

    private static long time(StreamRecord<WindowLogProbs> element, TranscriptState state) {
        return element.hasTimestamp() ? element.getTimestamp() : state.endMillis();
    }

    private void emit(List<Transcript> results, long timestamp) {
        for (Transcript transcript : results) {
            (transcript.isFinal() ? finals : partialResults).inc();
            output.collect(new StreamRecord<>(transcript, emitted.onTime(timestamp)));
        }
    }
}
