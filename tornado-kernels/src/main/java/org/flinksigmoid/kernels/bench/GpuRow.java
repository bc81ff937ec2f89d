package org.flinksigmoid.kernels.bench;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * One shape of attention on the GPU, checked and timed.
 *
 * @param kind dense, causal, window (256 keys either way) or ragged (packed lengths of 64 to n)
 * @param width elements of a head
 * @param type fp16 or bf16
 * @param batch sequences
 * @param heads heads of each
 * @param n length of a sequence, the longest possible if ragged
 * @param flops multiplications and additions of the pairs that the mask shows
 * @param error relative error against a double oracle on sampled rows
 * @param microseconds of one kernel, median
 * @param counters what the profiler counted, in percent of the card's peak; empty without one
 * @param peers microseconds of other people's kernels on the same shape, by name
 */
public record GpuRow(
        String kind,
        int width,
        String type,
        int batch,
        int heads,
        int n,
        double flops,
        double error,
        double microseconds,
        Map<String, Double> counters,
        Map<String, Double> peers) {
    /** Copies what is mutable; what is not there is empty. */
    public GpuRow {
        counters = counters == null ? Map.of() : Map.copyOf(counters);
        peers = peers == null ? Map.of() : Map.copyOf(peers);
    }

    /** Useful operations in 10^12 a second. */
    @JsonProperty
    public double teraflops() {
        return flops / microseconds * 1e-6;
    }

    /** How many times as fast as a peer. */
    public double ratio(String peer) {
        return peers.get(peer) / microseconds;
    }

    /** What is computed and on what, in few words. */
    @JsonIgnore
    public String name() {
        return "%s d=%d %s %d,%d,%d".formatted(kind, width, type, batch, heads, n);
    }

    GpuRow withTimes(double time, Map<String, Double> counted) {
        return new GpuRow(kind, width, type, batch, heads, n, flops, error, time, counted, peers);
    }

    GpuRow withPeers(Map<String, Double> others) {
        return new GpuRow(
                kind, width, type, batch, heads, n, flops, error, microseconds, counters, others);
    }
}
