package org.flinksigmoid.operators.types;

import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A piece of one audio stream, 20 to 100 ms in the usual case. The record accepts what a faulty
 * sender may send (rate 0, a negative sequence, no samples): the window operator checks, and hands
 * bad chunks to a side output with the reason.
 *
 * @param streamId stream that the chunk belongs to
 * @param sequence position in the stream, counted from 0
 * @param timestampMillis event time of the first sample, milliseconds since the epoch
 * @param sampleRate samples per second
 * @param samples 16-bit PCM, one channel; not copied, not to be written to afterwards; may be
 *     empty, as in an end marker
 * @param last whether the stream ends with this chunk
 */
@TypeInfo(AudioChunkSerializer.TypeInfoFactory.class)
public record AudioChunk(
        String streamId,
        long sequence,
        long timestampMillis,
        int sampleRate,
        short[] samples,
        boolean last) {
    /** Checks the fields. */
    public AudioChunk {
        Checks.notNull("AudioChunk.streamId", streamId);
        Checks.notNull("AudioChunk.samples", samples);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AudioChunk that
                && streamId.equals(that.streamId)
                && sequence == that.sequence
                && timestampMillis == that.timestampMillis
                && sampleRate == that.sampleRate
                && Arrays.equals(samples, that.samples)
                && last == that.last;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                streamId, sequence, timestampMillis, sampleRate, Arrays.hashCode(samples), last);
    }

    @Override
    public String toString() {
        return "AudioChunk["
                + "streamId="
                + streamId
                + ", sequence="
                + sequence
                + ", timestampMillis="
                + timestampMillis
                + ", sampleRate="
                + sampleRate
                + ", samples="
                + samples.length
                + " values"
                + ", last="
                + last
                + "]";
    }
}
