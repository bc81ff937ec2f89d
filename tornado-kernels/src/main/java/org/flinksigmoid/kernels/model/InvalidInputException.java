package org.flinksigmoid.kernels.model;

/** One sequence of a batch that the model can't take; the others have no result either. */
public final class InvalidInputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int index;

    InvalidInputException(int index, String problem) {
        super("sequence " + index + " of the batch: " + problem);
        this.index = index;
    }

    /** Which one, counted from 0. */
    public int index() {
        return index;
    }
}
