package org.flinksigmoid.kernels.model;

import java.util.Locale;

/** The backends that options name; providers may bring others. */
public enum BackendName {
    /** The best one available. */
    AUTO,
    /** Plain loops. */
    SCALAR,
    /** The CPU's vector units. */
    VECTOR,
    /** A GPU. */
    TORNADO;

    /**
     * The name that options take: {@code auto}, {@code scalar}, {@code vector}, {@code tornado}.
     */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
