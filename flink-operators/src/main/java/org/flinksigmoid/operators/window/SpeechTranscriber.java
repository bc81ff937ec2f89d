package org.flinksigmoid.operators.window;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.operators.types.WindowLogProbs;

/**
 * {@link SpeechWindows}, an encoder and {@link TranscriptAssembler} in one step, for callers that
 * keep state and timers by themselves: chunks of one stream go in, transcripts come out at once.
 * What the three say about order, gaps, lateness and ends holds here too. One a task; not
 * thread-safe.
 */
public final class SpeechTranscriber {
    private final StreamTracker tracker;
    private final StreamDecoder decoder;
    private final Encoder encoder;
    private final Collected collected = new Collected();

    /** The model. */
    @FunctionalInterface
    public interface Encoder {
        /**
         * Log-probabilities of windows.
         *
         * @param features one {@code [frames, bands]} per window, 1 or more windows
         * @return one {@code [steps, classes]} per window
         */
        List<float[]> encode(List<float[]> features);
    }

    /** What comes out. */
    public interface Results {
        /** Something was heard, for now or for good. */
        void transcript(Transcript transcript);

        /** Audio was given up. */
        void gap(AudioGap gap);

        /** A chunk came after its place was given up. */
        void late(AudioChunk chunk);

        /** A chunk is no audio of this stream. */
        void rejected(AudioChunk chunk, String reason);

        /** A chunk came twice. */
        void duplicate(AudioChunk chunk);
    }

    /**
     * A stream between two calls.
     *
     * @param track of its chunks and its audio; changes in place, so a state is used once
     * @param decoder of its utterance; empty between utterances
     * @param wakeUp event time at which to call {@link #advance} if nothing comes before; empty if
     *     there is nothing to remember, neither this state
     */
    public record State(StreamTrack track, byte[] decoder, OptionalLong wakeUp) {
        /** A stream of which nothing is known. */
        public static State none() {
            return new State(new StreamTrack(), new byte[0], OptionalLong.empty());
        }
    }

    /**
     * @param config the model's front end
     * @param labels what the encoder's classes mean
     * @param settings order and ends of streams
     * @param partials whether results come before they are final
     * @param encoder the model
     */
    public SpeechTranscriber(
            PreprocessorConfig config,
            CtcLabels labels,
            SpeechWindowSettings settings,
            boolean partials,
            Encoder encoder) {
        this.tracker = new StreamTracker(config, settings, collected);
        this.decoder = new StreamDecoder(config, labels, partials);
        this.encoder = encoder;
    }

    /**
     * Takes a chunk.
     *
     * @param state of its stream
     * @param watermark how far event time has come, in milliseconds since the epoch; {@link
     *     Long#MIN_VALUE} if that is unknown
     * @return the stream's next state
     */
    public State accept(State state, AudioChunk chunk, long watermark, Results results) {
        collected.results = results;
        tracker.accept(state.track(), chunk, watermark);
        return next(state, watermark);
    }

    /**
     * Tells a stream that event time has come to where it wanted to be woken.
     *
     * @param state of that stream
     * @param time event time, in milliseconds since the epoch
     * @return the stream's next state
     */
    public State advance(State state, String streamId, long time, Results results) {
        collected.results = results;
        tracker.advance(state.track(), streamId, time);
        return next(state, time);
    }

    private State next(State state, long time) {
        byte[] decoded = decode(state.decoder());
        StreamTrack track = state.track();
        if (tracker.isOver(track, time)) {
            return State.none();
        }
        return new State(track, decoded, OptionalLong.of(tracker.wakeUp(track)));
    }

    private byte[] decode(byte[] before) {
        List<FeatureWindow> windows = collected.take();
        List<float[]> features = new ArrayList<>();
        for (FeatureWindow window : windows) {
            if (window.frames() > 0) {
                features.add(window.features());
            }
        }
        List<float[]> encoded = features.isEmpty() ? List.of() : encoder.encode(features);
        byte[] state = before;
        int at = 0;
        for (FeatureWindow window : windows) {
            float[] logProbs = window.frames() > 0 ? encoded.get(at++) : new float[0];
            state = decode(state, WindowLogProbs.of(window, decoder.classes(), logProbs));
        }
        return state;
    }

    private byte[] decode(byte[] before, WindowLogProbs window) {
        try {
            TranscriptState state =
                    before.length == 0
                            ? decoder.begin(window)
                            : TranscriptStateSerializer.INSTANCE.fromBytes(before);
            List<Transcript> heard = new ArrayList<>();
            TranscriptState after = decoder.accept(state, window, heard);
            heard.forEach(collected.results::transcript);
            return window.last() ? new byte[0] : TranscriptStateSerializer.INSTANCE.toBytes(after);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Windows of the call that runs; hands on everything else. */
    private static final class Collected implements StreamTracker.Events {
        private final List<FeatureWindow> windows = new ArrayList<>();
        private Results results;

        List<FeatureWindow> take() {
            List<FeatureWindow> taken = List.copyOf(windows);
            windows.clear();
            return taken;
        }

        @Override
        public void window(FeatureWindow window, long timestamp) {
            windows.add(window);
        }

        @Override
        public void gap(AudioGap gap) {
            results.gap(gap);
        }

        @Override
        public void duplicate(AudioChunk chunk) {
            results.duplicate(chunk);
        }

        @Override
        public void late(AudioChunk chunk) {
            results.late(chunk);
        }

        @Override
        public void rejected(AudioChunk chunk, String reason) {
            results.rejected(chunk, reason);
        }
    }
}
