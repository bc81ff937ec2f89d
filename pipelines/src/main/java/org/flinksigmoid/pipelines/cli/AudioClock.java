package org.flinksigmoid.pipelines.cli;

import java.util.function.Consumer;
import org.flinksigmoid.operators.types.AudioChunk;

/** Adds up how much audio went by. Called by one thread at a time. */
final class AudioClock implements Consumer<AudioChunk> {
    private double seconds;

    @Override
    public void accept(AudioChunk chunk) {
        seconds += (double) chunk.samples().length / chunk.sampleRate();
    }

    double seconds() {
        return seconds;
    }
}
