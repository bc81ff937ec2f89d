package org.flinksigmoid.operators.window;

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
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.FeatureWindow;

/** {@link SpeechWindows} at work: state, timers, outputs and metrics around a tracker. */
final class SpeechWindowsOperator extends AbstractStreamOperator<FeatureWindow>
        implements OneInputStreamOperator<AudioChunk, FeatureWindow>,
                Triggerable<String, VoidNamespace> {
    private static final long serialVersionUID = 1L;

    private final PreprocessorConfig config;
    private final SpeechWindowSettings settings;

    private transient StreamTracker tracker;
    private transient ValueState<StreamTrack> tracks;
    private transient InternalTimerService<VoidNamespace> timers;
    private transient EmittedTime emitted;

    SpeechWindowsOperator(PreprocessorConfig config, SpeechWindowSettings settings) {
        this.config = config;
        this.settings = settings;
    }

    @Override
    public void open() throws Exception {
        super.open();
        tracks =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "stream", StreamTrackSerializer.INSTANCE));
        timers = getInternalTimerService("streams", VoidNamespaceSerializer.INSTANCE, this);
        emitted = new EmittedTime();
        tracker =
                new StreamTracker(
                        config, settings, new Outputs(getMetricGroup().addGroup("speech")));
    }

    @Override
    public void processElement(StreamRecord<AudioChunk> element) throws Exception {
        AudioChunk chunk = element.getValue();
        StreamTrack track = tracks.value();
        if (track == null) {
            track = new StreamTrack();
        }
        tracker.accept(track, chunk, timers.currentWatermark());
        save(track, timers.currentWatermark());
    }

    @Override
    public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
        StreamTrack track = tracks.value();
        if (track == null || track.timer != timer.getTimestamp()) {
            return;
        }
        track.timer = StreamTrack.NO_TIMER;
        // At the end of the input, which in batch mode is that of the key, no further timer fires.
        long now = timers.currentWatermark();
        long time = now == Long.MAX_VALUE ? now : timer.getTimestamp();
        tracker.advance(track, timer.getKey(), time);
        save(track, time);
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

    /** A stream has one timer; it moves earlier at once, and later when it fires. */
    private void save(StreamTrack track, long time) throws Exception {
        boolean over = tracker.isOver(track, time);
        long wakeUp = over ? StreamTrack.NO_TIMER : tracker.wakeUp(track);
        boolean set = track.timer != StreamTrack.NO_TIMER;
        if (set && (over || wakeUp < track.timer)) {
            timers.deleteEventTimeTimer(VoidNamespace.INSTANCE, track.timer);
            set = false;
        }
        if (over) {
            tracks.clear();
            return;
        }
        if (!set) {
            timers.registerEventTimeTimer(VoidNamespace.INSTANCE, wakeUp);
            track.timer = wakeUp;
        }
        tracks.update(track);
    }

    /** Sends what the tracker finds where it belongs, and counts it. */
    private final class Outputs implements StreamTracker.Events {
        private final Counter windows;
        private final Counter gaps;
        private final Counter gapMillis;
        private final Counter duplicates;
        private final Counter late;
        private final Counter rejected;

        Outputs(MetricGroup group) {
            windows = group.counter("windows");
            gaps = group.counter("gaps");
            gapMillis = group.counter("gapMillis");
            duplicates = group.counter("duplicateChunks");
            late = group.counter("lateChunks");
            rejected = group.counter("rejectedChunks");
        }

        @Override
        public void window(FeatureWindow window, long timestamp) {
            windows.inc();
            gapMillis.inc(window.gapMillis());
            output.collect(new StreamRecord<>(window, emitted.onTime(timestamp)));
        }

        @Override
        public void gap(AudioGap gap) {
            gaps.inc();
            side(SpeechWindows.GAPS, gap, Math.max(gap.startMillis(), gap.endMillis()));
        }

        @Override
        public void duplicate(AudioChunk chunk) {
            duplicates.inc();
        }

        @Override
        public void late(AudioChunk chunk) {
            late.inc();
            side(SpeechWindows.LATE, chunk, chunk.timestampMillis());
        }

        @Override
        public void rejected(AudioChunk chunk, String reason) {
            rejected.inc();
            side(
                    SpeechWindows.REJECTED,
                    new DeadLetter<>(chunk, reason, 1),
                    chunk.timestampMillis());
        }

        private <T> void side(OutputTag<T> tag, T value, long timestamp) {
            output.collect(tag, new StreamRecord<>(value, emitted.onTime(timestamp)));
        }
    }
}
