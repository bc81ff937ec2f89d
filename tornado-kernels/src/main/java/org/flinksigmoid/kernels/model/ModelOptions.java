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
 * @param threads CPU threads, from 1 to {@link BackendOptions#MOST_THREADS}
 * @param device index of the GPU, counted as the driver does
 * @param weights what matrices are kept in
 */
public record ModelOptions(String backend, int threads, int device, WeightFormat weights)
        implements Serializable {
    public ModelOptions {
        Objects.requireNonNull(backend, "backend");
        BackendOptions checked = new BackendOptions(threads, device, weights);
        threads = checked.threads();
        device = checked.device();
        weights = checked.weights();
    }

    /** Weights as they are. */
    public ModelOptions(String backend, int threads, int device) {
        this(backend, threads, device, WeightFormat.FLOAT);
    }

    /** The best backend, all processors of this JVM, the first GPU, weights as they are. */
    public static ModelOptions defaults() {
        BackendOptions defaults = BackendOptions.defaults();
        return new ModelOptions(
                Backends.AUTO, defaults.threads(), defaults.device(), defaults.weights());
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
        return new BackendOptions(threads, device, weights);
    }
}
