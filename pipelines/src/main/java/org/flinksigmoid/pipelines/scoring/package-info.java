/**
 * Text scoring as a Flink job: text sources, the topology, what it writes. May use the operators
 * and {@code pipelines.source}; the command line builds on it.
 */
package org.flinksigmoid.pipelines.scoring;
