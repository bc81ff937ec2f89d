package org.flinksigmoid.pipelines.source;

import java.io.Serializable;
import java.util.List;

/**
 * One stream to read: its parts come one after the other. What a part is, is the {@link
 * RecordFormat}'s business: a file, standard input, a socket, a stretch of silence.
 *
 * @param id names the stream
 * @param parts at least one
 */
public record StreamInput(String id, List<String> parts) implements Serializable {
    /** Copies the parts. */
    public StreamInput {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException(id + ": expected at least one part, found none");
        }
    }
}
