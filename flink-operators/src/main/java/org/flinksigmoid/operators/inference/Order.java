package org.flinksigmoid.operators.inference;

/** Order in which results leave. Neither lets a result fall behind a watermark. */
public enum Order {
    /**
     * Results of a key leave in the order of its records; keys don't wait for each other. On a
     * stream without keys all records of a subtask count as one key.
     */
    PER_KEY,

    /** Results leave as they are ready. */
    UNORDERED
}
