package org.flinksigmoid.kernels.text;

/** Turns text into token ids. Thread-safe. */
public interface TextEncoder extends AutoCloseable {
    /**
     * Token ids of a text: at least one, and no more than the maximum it was made with. Works for
     * every string, also an empty one and one that is not well-formed Unicode.
     */
    int[] encode(String text);

    /** Waits for calls that are on; none may come after. */
    @Override
    void close();
}
