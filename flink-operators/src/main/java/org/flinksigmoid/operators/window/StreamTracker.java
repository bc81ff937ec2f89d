package org.flinksigmoid.operators.window;

import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.audio.SpeechStream;
import org.flinksigmoid.kernels.audio.SpeechWindow;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;

/**
 * What happens to a chunk of audio: order, duplicates, gaps, the ends of utterances, windows. Knows
 * event time, but neither timers nor state backends. One a task; not thread-safe.
 */
final class StreamTracker {
    /** Chunks that may wait, however short they are. */
    private static final int MAX_WAITING_CHUNKS = 4096;

    /** Longest chunk, so that no single one costs more than a moment or a few megabytes. */
    private static final long MAX_CHUNK_SECONDS = 600;

    private final SpeechFrontEnd frontEnd;
    private final Events events;
    private final long lateness;
    private final long maxGap;
    private final long idleTimeout;
    private final long tolerance;
    private final long maxWaiting;
    private final long maxAhead;

    /** What the tracker makes of its chunks. */
    interface Events {
        /** A window, of that event time. */
        void window(FeatureWindow window, long timestamp);

        /** Audio that was given up. */
        void gap(AudioGap gap);

        /** A chunk whose sequence number was taken before. */
        void duplicate(AudioChunk chunk);

        /** A chunk that came after its place was given up. */
        void late(AudioChunk chunk);

        /** A chunk that is no audio of this stream. */
        void rejected(AudioChunk chunk, String reason);
    }

    StreamTracker(PreprocessorConfig config, SpeechWindowSettings settings, Events events) {
        this.frontEnd = new SpeechFrontEnd(config);
        this.events = events;
        this.lateness = settings.allowedLateness().toMillis();
        this.maxGap = settings.maxGap().toMillis();
        this.idleTimeout = settings.idleTimeout().toMillis();
        this.tolerance = settings.timestampTolerance().toMillis();
        this.maxWaiting = settings.maxWaiting().toMillis();
        this.maxAhead = settings.maxAhead().toMillis();
    }

    /** Takes a chunk, when the watermark is there. */
    void accept(StreamTrack track, AudioChunk chunk, long watermark) {
        String problem = problem(chunk, watermark);
        if (!problem.isEmpty()) {
            events.rejected(chunk, problem);
            return;
        }
        AudioChunk sound = chunk;
        String audioProblem = audioProblem(chunk);
        if (!audioProblem.isEmpty()) {
            events.rejected(chunk, audioProblem);
            if (!chunk.last()) {
                return;
            }
            // Its audio is no good, but the stream ends here all the same.
            sound = silent(chunk);
        }
        place(track, sound, watermark);
    }

    /** Event time has come this far. */
    void advance(StreamTrack track, String streamId, long time) {
        drain(track, time);
        if (track.open && !track.order.isWaiting() && time >= position(track) + idleTimeout) {
            finish(track, streamId);
        }
    }

    /** Event time at which {@link #advance} has something to do, if nothing else comes. */
    long wakeUp(StreamTrack track) {
        if (track.order.isWaiting()) {
            return track.order.first().timestampMillis() + lateness;
        }
        if (track.open) {
            return position(track) + idleTimeout;
        }
        return track.closed ? track.endMillis + lateness : StreamTrack.NO_TIMER;
    }

    /** Whether nothing of the stream needs to be remembered any more. */
    boolean isOver(StreamTrack track, long time) {
        return !track.open
                && !track.order.isWaiting()
                && (!track.closed || time >= track.endMillis + lateness);
    }

    /** Why this can't be a chunk of a stream; empty if it can. */
    private String problem(AudioChunk chunk, long watermark) {
        if (chunk.sequence() < 0) {
            return "sequence: expected >= 0, found " + chunk.sequence();
        }
        if (chunk.sequence() == Long.MAX_VALUE) {
            return "sequence: expected one that another can follow, found " + chunk.sequence();
        }
        if (!EventTime.makesSense(chunk.timestampMillis())) {
            return EventTime.refusal(chunk.timestampMillis());
        }
        if (watermark != Long.MIN_VALUE && chunk.timestampMillis() - maxAhead > watermark) {
            return "timestamp: expected at most %d ms after the watermark %d, found %d"
                    .formatted(maxAhead, watermark, chunk.timestampMillis());
        }
        return "";
    }

    /** Why its samples can't be heard; empty if they can. */
    private String audioProblem(AudioChunk chunk) {
        int samples = chunk.samples().length;
        if (samples == 0) {
            return chunk.last() ? "" : "samples: expected at least one, found none";
        }
        if (samples > MAX_CHUNK_SECONDS * Math.max(1, chunk.sampleRate())) {
            return "samples: expected at most %d s, found %d at %d Hz"
                    .formatted(MAX_CHUNK_SECONDS, samples, chunk.sampleRate());
        }
        return frontEnd.supports(chunk.sampleRate())
                ? ""
                : "sample rate: expected one in a simple ratio to %d Hz, found %d Hz"
                        .formatted(frontEnd.config().mel().sampleRate(), chunk.sampleRate());
    }

    private void place(StreamTrack track, AudioChunk chunk, long watermark) {
        ChunkOrder order = track.order;
        long start = chunk.timestampMillis();
        if (track.closed) {
            boolean before =
                    order.isBehind(chunk.sequence())
                            ? start <= track.endMillis
                            : start + tolerance < track.endMillis;
            if (before) {
                behind(order, chunk);
                return;
            }
            order.restart();
            track.closed = false;
        } else if (order.isBehind(chunk.sequence())) {
            if (!track.open || start <= position(track) + tolerance) {
                behind(order, chunk);
                return;
            }
            // Numbers that begin again at a later time: the sender has restarted.
            drain(track, Long.MAX_VALUE);
            if (track.open) {
                finish(track, chunk.streamId());
            }
            order.restart();
            track.closed = false;
        } else if (!track.open && !order.started() && !order.isWaiting()) {
            if (watermark != Long.MIN_VALUE && end(chunk) + lateness <= watermark) {
                events.late(chunk);
                return;
            }
        }
        if (order.holds(chunk.sequence())) {
            events.duplicate(chunk);
            return;
        }
        order.hold(chunk);
        drain(track, watermark);
    }

    private void behind(ChunkOrder order, AudioChunk chunk) {
        if (order.isBehind(chunk.sequence()) && !order.wasGivenUp(chunk.sequence())) {
            events.duplicate(chunk);
        } else {
            events.late(chunk);
        }
    }

    /** Takes every chunk that is next, and those that have waited long enough. */
    private void drain(StreamTrack track, long time) {
        ChunkOrder order = track.order;
        while (order.isWaiting()) {
            if (!order.isReady()) {
                boolean waitedEnough = order.first().timestampMillis() + lateness <= time;
                if (!waitedEnough && !isFull(order)) {
                    return;
                }
                track.missingChunks += order.giveUp();
            }
            take(track, order.take());
            if (track.closed) {
                // What came after the end is a new stream, or late.
                for (AudioChunk rest : order.takeWaiting()) {
                    place(track, rest, time);
                }
            }
        }
    }

    private boolean isFull(ChunkOrder order) {
        if (order.waiting().size() > MAX_WAITING_CHUNKS) {
            return true;
        }
        long millis = 0;
        for (AudioChunk chunk : order.waiting()) {
            millis += end(chunk) - chunk.timestampMillis();
        }
        return millis > maxWaiting;
    }

    private void take(StreamTrack track, AudioChunk chunk) {
        AudioChunk sound = chunk;
        if (track.open) {
            int rate = track.audio(frontEnd).sampleRate();
            if (chunk.samples().length > 0 && chunk.sampleRate() != rate) {
                events.rejected(
                        chunk,
                        "sample rate: expected the stream's %d Hz, found %d Hz"
                                .formatted(rate, chunk.sampleRate()));
                if (!chunk.last()) {
                    track.missingChunks++;
                    return;
                }
                sound = silent(chunk);
            }
            bridge(track, sound);
        }
        if (!track.open) {
            int rate = frontEnd.config().mel().sampleRate();
            SpeechStream audio =
                    frontEnd.open(sound.samples().length == 0 ? rate : sound.sampleRate());
            track.openAudio(audio, sound.timestampMillis());
        }
        track.missingChunks = 0;
        track.audio(frontEnd)
                .accept(
                        sound.samples(),
                        0,
                        sound.samples().length,
                        window -> emit(track, chunk.streamId(), window));
        if (sound.last()) {
            finish(track, sound.streamId());
        }
    }

    /** Brings the open audio up to the chunk's time, or ends it where that is too far. */
    private void bridge(StreamTrack track, AudioChunk chunk) {
        long position = position(track);
        long jump = chunk.timestampMillis() - position;
        boolean tooFar = Math.abs(jump) > maxGap;
        if (tooFar && chunk.samples().length == 0) {
            // An end marker ends what is there, whatever its clock says.
            return;
        }
        boolean fill = !tooFar && (jump > tolerance || track.missingChunks > 0 && jump > 0);
        if (tooFar || fill || track.missingChunks > 0) {
            events.gap(
                    new AudioGap(
                            chunk.streamId(),
                            position,
                            tooFar || fill ? chunk.timestampMillis() : position,
                            track.missingChunks,
                            tooFar));
        }
        if (tooFar) {
            finish(track, chunk.streamId());
        } else if (fill) {
            SpeechStream audio = track.audio(frontEnd);
            track.gapMillis += jump;
            audio.acceptSilence(
                    jump * audio.sampleRate() / 1000,
                    window -> emit(track, chunk.streamId(), window));
        }
    }

    private void finish(StreamTrack track, String streamId) {
        long end = position(track);
        track.audio(frontEnd).finish(window -> emit(track, streamId, window));
        track.closeAudio(end);
    }

    private void emit(StreamTrack track, String streamId, SpeechWindow window) {
        long gap = track.gapMillis;
        track.gapMillis = 0;
        events.window(
                new FeatureWindow(
                        streamId,
                        window.index(),
                        track.startMillis,
                        window.startFrame(),
                        window.frames(),
                        window.width(),
                        window.features(),
                        window.last(),
                        gap),
                Math.min(
                        position(track),
                        track.startMillis + frontEnd.config().millis(window.endFrame())));
    }

    /** Event time where the open audio ends so far. */
    private long position(StreamTrack track) {
        SpeechStream audio = track.audio(frontEnd);
        return track.startMillis + audio.samples() * 1000 / audio.sampleRate();
    }

    /** Event time where a chunk's audio ends. */
    private static long end(AudioChunk chunk) {
        return chunk.timestampMillis()
                + 1000L * chunk.samples().length / Math.max(1, chunk.sampleRate());
    }

    /** The chunk without its audio. */
    private static AudioChunk silent(AudioChunk chunk) {
        return new AudioChunk(
                chunk.streamId(),
                chunk.sequence(),
                chunk.timestampMillis(),
                chunk.sampleRate(),
                new short[0],
                chunk.last());
    }
}
