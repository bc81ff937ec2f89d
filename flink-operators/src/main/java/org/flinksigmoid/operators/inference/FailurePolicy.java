package org.flinksigmoid.operators.inference;

/** What happens to a record that can't be processed, once retries are used up. */
public enum FailurePolicy {
    /** The job fails, and restarts from its last checkpoint if so configured. */
    FAIL,

    /** The record is dropped, counted and logged. */
    SKIP,

    /** The record goes to the side output for dead letters. */
    DEAD_LETTER
}
