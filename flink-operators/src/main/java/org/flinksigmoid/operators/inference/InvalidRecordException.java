package org.flinksigmoid.operators.inference;

/**
 * Thrown by an {@link InferenceFunction} that knows which record of the batch it cannot take. The
 * record is given up at once, the others run again without it.
 */
public final class InvalidRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int index;

    /**
     * @param index position of the record in the batch
     * @param message what is wrong with it
     */
    public InvalidRecordException(int index, String message) {
        this(index, message, null);
    }

    /**
     * @param index position of the record in the batch
     * @param message what is wrong with it
     * @param cause what noticed, or null
     */
    public InvalidRecordException(int index, String message, Throwable cause) {
        super(message, cause);
        this.index = index;
    }

    /** Position of the record in the batch. */
    public int index() {
        return index;
    }
}
