package org.flinksigmoid.operators.window;

import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * Audio of a stream that was given up, or that never was.
 *
 * @param streamId the stream
 * @param startMillis event time where the audio before it ends
 * @param endMillis event time where the audio after it begins
 * @param missingChunks chunks that the sequence numbers miss; 0 if only the clock jumped
 * @param endsUtterance true: too long for silence, so the utterance before it was ended; false:
 *     silence of its length stands in its place
 */
@TypeInfo(AudioGapSerializer.TypeInfoFactory.class)
public record AudioGap(
        String streamId,
        long startMillis,
        long endMillis,
        long missingChunks,
        boolean endsUtterance) {
    /** Checks the fields. */
    public AudioGap {
        if (streamId == null) {
            throw new IllegalArgumentException("AudioGap.streamId: expected a value, found null");
        }
        if (missingChunks < 0) {
            throw new IllegalArgumentException(
                    "AudioGap.missingChunks: expected 0 or more, found " + missingChunks);
        }
    }
}
