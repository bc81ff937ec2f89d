package org.flinksigmoid.kernels.internal.tornado;

import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;

/** The ways that the backend computes. */
enum Precision {
    PORTABLE("portable", 2e-5),
    FLOAT("float", 2e-5),
    HALF("half", 5e-3);

    private static final String PROPERTY = "flinksigmoid.tornado.precision";

    private final String value;
    private final double tolerance;

    Precision(String value, double tolerance) {
        this.value = value;
        this.tolerance = tolerance;
    }

    /** Largest difference that is right, relative to the largest value. */
    double tolerance() {
        return tolerance;
    }

    Backend open() {
        String before = System.getProperty(PROPERTY, "");
        System.setProperty(PROPERTY, value);
        try {
            return new TornadoProvider().open(new BackendOptions(1, 0));
        } finally {
            System.setProperty(PROPERTY, before);
        }
    }
}
