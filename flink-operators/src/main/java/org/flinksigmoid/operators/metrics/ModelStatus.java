package org.flinksigmoid.operators.metrics;

/**
 * What an inference function says of its model.
 *
 * @param version version of the model that runs; of the one loaded last if there are several
 * @param loaded models in memory
 * @param bytes size of their checkpoints' files
 * @param deviceBytes what they hold in a device's own memory: parameters, and buffers for the
 *     largest batches so far; 0 on a CPU
 * @param loadMillis what it took to load the last one
 * @param swaps models replaced by others while running
 * @param refusals checkpoints that could not be used
 * @param breaker the circuit breaker
 */
public record ModelStatus(
        String version,
        int loaded,
        long bytes,
        long deviceBytes,
        long loadMillis,
        long swaps,
        long refusals,
        BreakerStatus breaker) {
    /** Of a function that has no model to speak of. */
    public static final ModelStatus NONE =
            new ModelStatus("", 0, 0, 0, 0, 0, 0, BreakerStatus.NONE);

    /**
     * Of one model.
     *
     * @param version its version
     * @param bytes size of its checkpoint's files
     * @param loadMillis what it took to load
     */
    public static ModelStatus of(String version, long bytes, long loadMillis) {
        return new ModelStatus(version, 1, bytes, 0, loadMillis, 0, 0, BreakerStatus.NONE);
    }

    /** The same with device memory. */
    public ModelStatus withDeviceBytes(long held) {
        return new ModelStatus(version, loaded, bytes, held, loadMillis, swaps, refusals, breaker);
    }

    /** The same with a circuit breaker. */
    public ModelStatus withBreaker(BreakerStatus status) {
        return new ModelStatus(
                version, loaded, bytes, deviceBytes, loadMillis, swaps, refusals, status);
    }
}
