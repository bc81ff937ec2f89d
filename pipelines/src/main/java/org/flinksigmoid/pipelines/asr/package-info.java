/**
 * Speech recognition as a Flink job: audio sources, the topology, what it writes. May use the
 * operators and {@code pipelines.source}; the command line builds on it.
 */
package org.flinksigmoid.pipelines.asr;
