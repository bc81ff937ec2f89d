/**
 * A Flink source that replays files (or passes on a live stream) record by record, at the pace of
 * their event time or as fast as it goes, exactly once for whatever can be read again. What cannot
 * be read comes out as {@link org.flinksigmoid.pipelines.source.BadInput} and the job goes on.
 * Knows nothing of audio or text: {@link org.flinksigmoid.pipelines.source.RecordFormat} does.
 */
package org.flinksigmoid.pipelines.source;
