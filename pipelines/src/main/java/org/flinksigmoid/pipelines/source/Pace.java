package org.flinksigmoid.pipelines.source;

/** When records are handed on. */
public enum Pace {
    /** Each when a live source would have it: event time runs as the wall clock does. */
    REAL_TIME,
    /** As fast as the job takes them, one stream after the other. */
    FAST
}
