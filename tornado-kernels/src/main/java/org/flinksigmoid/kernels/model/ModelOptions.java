package org.flinksigmoid.kernels.model;

import java.io.Serializable;
import java.util.Objects;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.WeightFormat;

/**
 * How a model runs. Serializable, so that jobs can carry it to where models are loaded.
 *
 * @param backend {@code auto}, which takes the best that is available, or the name of one, which
 *     never falls back to another
 * @param threads CPU threads, from 1 to {@link BackendOptions#MOST_THREADS}, or {@link
 *     #ALL_PROCESSORS}
 * @param device index of the GPU, counted as the driver does
 * @param weights what matrices are kept in
 */
public record ModelOptions(String backend, int threads, int device, WeightFormat weights)
        implements Serializable {
    /**
     * As many threads as the JVM that loads the model has processors: on a cluster not the one that
     * submits the job.
     */
    public static final int ALL_PROCESSORS = 0;

    public ModelOptions {
        Objects.requireNonNull(backend, "backend");
        BackendOptions checked = backendOptions(threads, device, weights);
        device = checked.device();
        weights = checked.weights();
    }

    /** Weights as they are. */
    public ModelOptions(String backend, int threads, int device) {
        this(backend, threads, device, WeightFormat.FLOAT);
    }

    /** The best backend, {@link #ALL_PROCESSORS}, the first GPU, weights as they are. */
    public static ModelOptions defaults() {
        return new ModelOptions(Backends.AUTO, ALL_PROCESSORS, 0);
    }

    /** These options with the number of threads that {@link #ALL_PROCESSORS} means in this JVM. */
    public ModelOptions resolved() {
        return withThreads(toBackendOptions().threads());
    }

    /** These options with another backend. */
    public ModelOptions withBackend(String backend) {
        return new ModelOptions(backend, threads, device, weights);
    }

    /** These options with another number of threads. */
    public ModelOptions withThreads(int threads) {
        return new ModelOptions(backend, threads, device, weights);
    }

    /** These options with another GPU. */
    public ModelOptions withDevice(int device) {
        return new ModelOptions(backend, threads, device, weights);
    }

    /** These options with weights in another format. */
    public ModelOptions withWeights(WeightFormat weights) {
        return new ModelOptions(backend, threads, device, weights);
    }

    BackendOptions toBackendOptions() {
        return backendOptions(threads, device, weights);
    }

    private static BackendOptions backendOptions(int threads, int device, WeightFormat weights) {
        return new BackendOptions(
                threads == ALL_PROCESSORS ? BackendOptions.defaults().threads() : threads,
                device,
                weights);
    }
}
