package org.flinksigmoid.kernels.backend;

/** Whether a backend can run here. */
public sealed interface Availability {
    /**
     * It can.
     *
     * @param detail on what
     */
    record Available(String detail) implements Availability {}

    /**
     * It can't.
     *
     * @param reason what is missing
     * @param remedy what to do about it, as a sentence a user can act on
     */
    record Unavailable(String reason, String remedy) implements Availability {}
}
