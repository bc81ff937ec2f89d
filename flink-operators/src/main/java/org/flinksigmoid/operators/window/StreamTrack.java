package org.flinksigmoid.operators.window;

import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.audio.SpeechStream;

/**
 * State of one stream id: the order of its chunks and, while an utterance is open, its audio. Plain
 * data that {@link StreamTracker} works on; not thread-safe.
 */
public final class StreamTrack {
    /** No timer is set. */
    static final long NO_TIMER = Long.MIN_VALUE;

    ChunkOrder order = new ChunkOrder();

    /** Whether audio is being taken. */
    boolean open;

    /** Whether audio was taken and has ended. */
    boolean closed;

    /** Event time of the open audio's first sample. */
    long startMillis;

    /** Event time where the closed audio ended. */
    long endMillis;

    /** Chunks given up since the last one taken. */
    long missingChunks;

    /** Silence put in since the last window. */
    long gapMillis;

    /** The timer that is set, or {@link #NO_TIMER}. */
    long timer = NO_TIMER;

    private SpeechStream audio;
    private byte[] frozenAudio = new byte[0];

    StreamTrack() {}

    /**
     * The open audio, thawed when state was restored.
     *
     * @throws IllegalStateException if this front end can't go on from it
     */
    SpeechStream audio(SpeechFrontEnd frontEnd) {
        if (audio == null) {
            try {
                audio = frontEnd.restore(frozenAudio);
            } catch (IllegalArgumentException e) {
                throw noWayOn(e);
            }
            frozenAudio = new byte[0];
        }
        return audio;
    }

    /** Says what to do with a stream's state that a model can't go on from. */
    static IllegalStateException noWayOn(IllegalArgumentException reason) {
        return new IllegalStateException(
                ("state of a stream that this model can't go on from (%s): if another one was"
                                + " hearing it, restore it with that model, or end its streams"
                                + " there with `flink stop --drain`")
                        .formatted(reason.getMessage()),
                reason);
    }

    void openAudio(SpeechStream stream, long start) {
        audio = stream;
        startMillis = start;
        open = true;
        closed = false;
    }

    void closeAudio(long end) {
        audio = null;
        frozenAudio = new byte[0];
        endMillis = end;
        open = false;
        closed = true;
    }

    /** The audio as bytes; empty if none is open. */
    byte[] audioSnapshot() {
        return audio == null ? frozenAudio : audio.snapshot();
    }

    void freezeAudio(byte[] snapshot) {
        audio = null;
        frozenAudio = snapshot;
    }

    StreamTrack copy() {
        StreamTrack copy = new StreamTrack();
        copy.order = order.copy();
        copy.open = open;
        copy.closed = closed;
        copy.startMillis = startMillis;
        copy.endMillis = endMillis;
        copy.missingChunks = missingChunks;
        copy.gapMillis = gapMillis;
        copy.timer = timer;
        if (audio == null) {
            copy.frozenAudio = frozenAudio;
        } else {
            copy.audio = audio.copy();
        }
        return copy;
    }
}
