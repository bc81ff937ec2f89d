/**
 * Encoders as programs: a checked configuration and its weights become the operations that a
 * backend runs. No arithmetic on activations happens here. May depend on {@code backend}, {@code
 * attention}, {@code checkpoint} and {@code tensor}.
 */
package org.flinksigmoid.kernels.nn;
