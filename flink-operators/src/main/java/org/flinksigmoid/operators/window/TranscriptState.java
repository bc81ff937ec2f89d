package org.flinksigmoid.operators.window;

/**
 * What {@link TranscriptAssembler} keeps of a stream between two windows. Immutable.
 *
 * @param streamStartMillis event time of the stream's first sample
 * @param nextIndex number of the window that comes next
 * @param endMillis event time where the newest window ends
 * @param timerMillis when the stream is given up if nothing more comes
 * @param gapMillis silence put in since the last final result
 * @param partial text of the last partial result since the last final one
 * @param decoder the decoder's own state
 * @param hearing {@link StreamDecoder#hearing} of the decoder, or {@link #UNKNOWN}
 */
record TranscriptState(
        long streamStartMillis,
        long nextIndex,
        long endMillis,
        long timerMillis,
        long gapMillis,
        String partial,
        byte[] decoder,
        int hearing) {
    /** States of version 1 don't say what the decoder's labels were. */
    static final int UNKNOWN = 0;
}
