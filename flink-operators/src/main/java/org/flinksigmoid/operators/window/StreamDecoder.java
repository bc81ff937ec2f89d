package org.flinksigmoid.operators.window;

import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.audio.StreamingConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.decode.CtcResult;
import org.flinksigmoid.kernels.decode.CtcWord;
import org.flinksigmoid.kernels.decode.StitchConfig;
import org.flinksigmoid.kernels.decode.StreamingCtc;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;

/**
 * Windows of log-probabilities to transcripts, from one {@link TranscriptState} to the next. Knows
 * neither Flink's timers nor its state; thread-safe.
 */
final class StreamDecoder {
    private final PreprocessorConfig config;
    private final StitchConfig stitching;
    private final CtcLabels labels;
    private final boolean partials;

    StreamDecoder(PreprocessorConfig config, CtcLabels labels, boolean partials) {
        StreamingConfig streaming = config.streaming();
        this.config = config;
        this.labels = labels;
        this.partials = partials;
        this.stitching =
                new StitchConfig(
                        streaming.windowFrames(),
                        streaming.hopFrames(),
                        streaming.framesPerStep(),
                        streaming.edgeSteps(),
                        streaming.endpointSteps(),
                        StitchConfig.MAX_TOKENS);
    }

    /** Columns of the log-probabilities. */
    int classes() {
        return labels.size();
    }

    /** Stands for what the steps and tokens of a state mean: the labels, and a step's frames. */
    private int hearing() {
        return 31 * (31 * labels.labels().hashCode() + labels.blank()) + stitching.framesPerStep();
    }

    /** A stream before its first window. */
    TranscriptState begin(WindowLogProbs first) {
        StreamingCtc decoder = new StreamingCtc(stitching, labels.size(), labels.blank());
        long start = first.streamStartMillis();
        return new TranscriptState(
                start, 0, start, Long.MIN_VALUE, 0, "", decoder.snapshot(), hearing());
    }

    /**
     * Takes the next window of a stream.
     *
     * @param results receives finals, then at most one partial
     * @return the state after it; the timer is the caller's
     */
    TranscriptState accept(TranscriptState state, WindowLogProbs window, List<Transcript> results) {
        if (window.classes() != labels.size()) {
            throw new IllegalArgumentException(
                    "log-probabilities of stream %s: expected %d classes, found %d"
                            .formatted(window.streamId(), labels.size(), window.classes()));
        }
        StreamingCtc decoder = restore(state);
        long end = window.startFrame() + window.frames();
        List<CtcResult> heard =
                decoder.accept(
                        window.startFrame(), window.frames(), window.last(), window.logProbs());
        TranscriptState moved =
                new TranscriptState(
                        state.streamStartMillis(),
                        window.index() + 1,
                        state.streamStartMillis() + config.millis(end),
                        state.timerMillis(),
                        state.gapMillis() + window.gapMillis(),
                        state.partial(),
                        decoder.snapshot(),
                        hearing());
        return say(moved, window.streamId(), heard, window.last(), results);
    }

    /** Ends a stream whose last window never came. */
    void finish(TranscriptState state, String streamId, List<Transcript> results) {
        say(state, streamId, restore(state).finish(), true, results);
    }

    private TranscriptState say(
            TranscriptState state,
            String streamId,
            List<CtcResult> heard,
            boolean endOfStream,
            List<Transcript> results) {
        long gap = state.gapMillis();
        String partial = state.partial();
        for (int i = 0; i < heard.size(); i++) {
            CtcResult result = heard.get(i);
            boolean last = endOfStream && i == heard.size() - 1;
            Transcript transcript = transcript(state, streamId, result, gap, last);
            if (result.isFinal()) {
                results.add(transcript);
                gap = 0;
                partial = "";
            } else if (partials && !transcript.text().equals(partial)) {
                results.add(transcript);
                partial = transcript.text();
            }
        }
        return new TranscriptState(
                state.streamStartMillis(),
                state.nextIndex(),
                state.endMillis(),
                state.timerMillis(),
                gap,
                partial,
                state.decoder(),
                state.hearing());
    }

    private Transcript transcript(
            TranscriptState state,
            String streamId,
            CtcResult result,
            long gapMillis,
            boolean endOfStream) {
        List<CtcWord> words = labels.words(result.tokens());
        long[] starts = new long[words.size()];
        long[] ends = new long[words.size()];
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < starts.length; i++) {
            starts[i] = millis(state, words.get(i).startStep());
            ends[i] = millis(state, words.get(i).endStep());
            texts.add(words.get(i).text());
        }
        boolean silent = words.isEmpty();
        return new Transcript(
                streamId,
                String.join(" ", texts),
                result.isFinal(),
                state.streamStartMillis(),
                silent ? state.endMillis() : starts[0],
                silent ? state.endMillis() : ends[ends.length - 1],
                starts,
                ends,
                gapMillis,
                endOfStream);
    }

    /** Event time of an encoder step. */
    private long millis(TranscriptState state, long step) {
        return state.streamStartMillis() + config.millis(step * stitching.framesPerStep());
    }

    private StreamingCtc restore(TranscriptState state) {
        try {
            StreamingCtc decoder =
                    StreamingCtc.restore(stitching, labels.size(), labels.blank(), state.decoder());
            if (state.hearing() != TranscriptState.UNKNOWN && state.hearing() != hearing()) {
                throw new IllegalArgumentException(
                        "transcript: expected it of the labels %s and %d frames a step, found others"
                                .formatted(labels.labels(), stitching.framesPerStep()));
            }
            return decoder;
        } catch (IllegalArgumentException e) {
            throw StreamTrack.noWayOn(e);
        }
    }
}
