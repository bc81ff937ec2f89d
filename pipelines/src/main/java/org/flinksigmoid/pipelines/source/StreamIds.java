package org.flinksigmoid.pipelines.source;

import java.util.HashSet;
import java.util.Set;

/** Ids of a job's streams: one that is taken gets a number. Not thread-safe. */
public final class StreamIds {
    private final Set<String> taken = new HashSet<>();

    /** None is taken. */
    public StreamIds() {}

    /**
     * The id, or the first of {@code id (2)}, {@code id (3)}, ... that is free; taken from now on.
     */
    public String unique(String id) {
        String candidate = id;
        for (int i = 2; !taken.add(candidate); i++) {
            candidate = id + " (" + i + ")";
        }
        return candidate;
    }
}
