package org.flinksigmoid.kernels.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.SafetensorsFile;
import org.flinksigmoid.kernels.checkpoint.Weights;
import org.flinksigmoid.kernels.nn.Encoder;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A checkpoint on a backend, whatever its task. Thread-safe. */
final class LoadedEncoder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedEncoder.class);
    private static final String WEIGHTS = "model.safetensors";
    private static final int MOST_NAMES = 10;

    private static final int MOST_WARNINGS = 100;

    /** Said once in a JVM: a job loads its checkpoint where it is planned, and where it runs. */
    private static final Set<String> WARNED = new HashSet<>();

    private final ModelConfig config;
    private final ModelInfo info;
    private final Backend backend;
    private final Executable executable;

    /** Runs read, closing writes. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private boolean closed;

    private LoadedEncoder(
            ModelConfig config, ModelInfo info, Backend backend, Executable executable) {
        this.config = config;
        this.info = info;
        this.backend = backend;
        this.executable = executable;
    }

    static ModelConfig readConfig(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(
                    folder.toString(),
                    "",
                    "a checkpoint folder",
                    Files.exists(folder) ? "a file" : "no such folder");
        }
        return ModelConfig.read(folder);
    }

    /** Chooses the backend, which may warm up while the checkpoint is read. */
    static Backends.Selection select(ModelOptions options) {
        Backends.Selection selection = Backends.select(options.backend());
        selection.expect(options.toBackendOptions());
        return selection;
    }

    static LoadedEncoder load(
            Path folder, ModelConfig config, Backends.Selection selection, ModelOptions options) {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        try (Weights weights = Weights.open(folder, config)) {
            Program program = Encoder.program(config, weights);
            warnOfUnused(name, config.unused(), ModelConfig.FILE, "keys");
            warnOfUnused(name, weights.leftOver(), WEIGHTS, "tensors");
            String version = Digest.of(folder, config, weights);
            // The checkpoint is sound: only now a device is taken.
            Backend backend = selection.open(options.toBackendOptions());
            try {
                ModelInfo info =
                        new ModelInfo(
                                name,
                                config.task(),
                                version,
                                weights.parameters(),
                                backend.name(),
                                backend.description(),
                                selection.why());
                Executable executable = backend.prepare(program);
                try {
                    weights.files().forEach(SafetensorsFile::requireUnchanged);
                } catch (CheckpointException e) {
                    executable.close();
                    throw e;
                }
                return new LoadedEncoder(config, info, backend, executable);
            } catch (RuntimeException | Error e) {
                backend.close();
                throw e;
            }
        } catch (InternalError e) {
            // So the JVM says that what was mapped is there no more; others are no fault of the
            // file.
            if (String.valueOf(e.getMessage()).contains("unsafe memory access")) {
                throw SafetensorsFile.changed(WEIGHTS, e);
            }
            throw e;
        } catch (OutOfMemoryError e) {
            if (!"Java heap space".equals(e.getMessage())) { // or -Xmx would not help
                throw e;
            }
            throw new CheckpointException(
                    WEIGHTS,
                    "",
                    "weights that fit into this JVM's heap as F32, with a copy of the largest"
                            + " (raise -Xmx)",
                    "too little of its %d MiB left"
                            .formatted(Runtime.getRuntime().maxMemory() >> 20),
                    e);
        }
    }

    private static void warnOfUnused(String name, List<String> unused, String file, String what) {
        if (!unused.isEmpty()) {
            List<String> first = unused.subList(0, Math.min(MOST_NAMES, unused.size()));
            String warning =
                    "%s: %d %s of %s are not used: %s%s"
                            .formatted(
                                    name,
                                    unused.size(),
                                    what,
                                    file,
                                    String.join(", ", first),
                                    unused.size() > first.size() ? ", ..." : "");
            if (isNew(warning)) {
                LOG.warn(warning);
            }
        }
    }

    /** Whether it was not said yet, or long ago: a process that runs on sees many checkpoints. */
    static boolean isNew(String warning) {
        synchronized (WARNED) {
            if (WARNED.size() >= MOST_WARNINGS && !WARNED.contains(warning)) {
                WARNED.clear();
            }
            return WARNED.add(warning);
        }
    }

    /** Warnings that are remembered. */
    static int warnings() {
        synchronized (WARNED) {
            return WARNED.size();
        }
    }

    ModelConfig config() {
        return config;
    }

    ModelInfo info() {
        return info;
    }

    long deviceBytes() {
        return executable.deviceBytes();
    }

    /** Runs a batch; runs of several threads overlap as far as the backend lets them. */
    float[] run(RaggedBatch batch, Input input) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("model " + info.name() + " is closed");
            }
            return executable.run(batch, input)[0];
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Cuts a packed output into one array per sequence, in order.
     *
     * @param sizes elements of each
     * @throws InvalidInputException if a sequence's output is not finite: its input was finite, but
     *     so large that arithmetic overflowed
     */
    static List<float[]> split(float[] packed, int[] sizes) {
        List<float[]> results = new ArrayList<>(sizes.length);
        int from = 0;
        for (int i = 0; i < sizes.length; i++) {
            float[] result = Arrays.copyOfRange(packed, from, from + sizes[i]);
            int bad = FiniteValues.firstOther(result);
            if (bad < result.length) {
                throw new InvalidInputException(
                        i, "expected a finite result, found " + result[bad]);
            }
            results.add(result);
            from += sizes[i];
        }
        return results;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                try (backend) {
                    executable.close();
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
