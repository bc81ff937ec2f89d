package org.flinksigmoid.operators.inference;

/**
 * Fails the job: records could not be processed, and the policy is {@link FailurePolicy#FAIL} or
 * the device is lost.
 */
public final class InferenceFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * @param message which operator, how many records, how often tried
     * @param cause the last failure
     */
    public InferenceFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
