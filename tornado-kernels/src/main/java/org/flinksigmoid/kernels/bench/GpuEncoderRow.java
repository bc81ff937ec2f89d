package org.flinksigmoid.kernels.bench;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * One batch of a whole encoder on the GPU, timed; times are in milliseconds where they don't say.
 *
 * @param encoder which
 * @param arithmetic what it computes with: half, float or portable
 * @param batch sequences, or windows of frames
 * @param n rows of each: tokens, or frames
 * @param prepareSeconds until the program was ready
 * @param firstSeconds of the first run of this shape
 * @param wall of a run on an idle card with its copies, median
 * @param wallP90 the same, 90th percentile
 * @param kernels of one run, its input on the card already: from the launch of the first graph to
 *     the end of the last, median
 * @param kernelsInARow of a run among many that follow each other without copies, mean
 * @param peers of other people's encoders on the same batch, by name
 */
public record GpuEncoderRow(
        String encoder,
        String arithmetic,
        int batch,
        int n,
        double prepareSeconds,
        double firstSeconds,
        double wall,
        double wallP90,
        double kernels,
        double kernelsInARow,
        Map<String, Double> peers) {
    /** Copies what is mutable; what is not there is empty. */
    public GpuEncoderRow {
        peers = peers == null ? Map.of() : Map.copyOf(peers);
    }

    /** Microseconds of a run beyond its kernels. */
    @JsonProperty
    public double beyondMicroseconds() {
        return 1e3 * (wall - kernels);
    }

    /** How many times as fast as a peer, copies included. */
    public double ratio(String peer) {
        return peers.get(peer) / wall;
    }

    /** What runs and on what, in few words. */
    @JsonIgnore
    public String name() {
        return "%s, %d x %d".formatted(encoder, batch, n);
    }

    GpuEncoderRow withPeers(Map<String, Double> others) {
        return new GpuEncoderRow(
                encoder,
                arithmetic,
                batch,
                n,
                prepareSeconds,
                firstSeconds,
                wall,
                wallP90,
                kernels,
                kernelsInARow,
                others);
    }
}
