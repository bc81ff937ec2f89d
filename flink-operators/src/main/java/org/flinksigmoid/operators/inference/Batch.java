package org.flinksigmoid.operators.inference;

import java.util.List;

/**
 * Records that run together, and how often they have.
 *
 * @param entries 1 or more records of one lane in order of arrival
 * @param failures failed calls of this very batch
 * @param part whether it was cut from a failed batch to find the record to blame
 */
record Batch<I, O>(List<Entry<I, O>> entries, int failures, boolean part) {
    int size() {
        return entries.size();
    }

    /** What its records have in common. */
    Lane lane() {
        return entries.getFirst().lane;
    }

    long tokens() {
        long tokens = 0;
        for (Entry<I, O> entry : entries) {
            tokens += entry.tokens;
        }
        return tokens;
    }

    List<I> values() {
        return entries.stream().map(entry -> entry.value).toList();
    }

    Batch<I, O> failedOnce() {
        return new Batch<>(entries, failures + 1, part);
    }

    /** The records from one position to another, as a part. */
    Batch<I, O> part(int from, int to) {
        return new Batch<>(entries.subList(from, to), 0, true);
    }
}
