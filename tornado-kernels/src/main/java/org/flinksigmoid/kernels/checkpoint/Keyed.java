package org.flinksigmoid.kernels.checkpoint;

/** Something with a fixed name in configuration files. */
interface Keyed {
    /** The name, as files spell it. */
    String key();
}
