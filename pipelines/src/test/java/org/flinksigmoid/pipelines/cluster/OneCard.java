package org.flinksigmoid.pipelines.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;

/**
 * A backend that stands for the GPU's on a host with one card: it knows the first device only,
 * computes as the vector one, and adds a line with the device that it is asked for, once for each
 * engine, to the file that the system property {@value #FILE} names.
 */
public final class OneCard implements BackendProvider {
    static final String NAME = "one-card";
    static final String FILE = "one-card.asked";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int rank() {
        return -1; // never chosen by itself
    }

    @Override
    public Availability availability() {
        return new Availability.Available("one device");
    }

    @Override
    public Backend open(BackendOptions options) {
        try {
            Files.writeString(
                    Path.of(System.getProperty(FILE)),
                    options.device() + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (options.device() != 0) {
            throw new IllegalStateException(
                    "device: expected one of 1, counted from 0, found " + options.device());
        }
        return Backends.select("vector").open(options);
    }
}
