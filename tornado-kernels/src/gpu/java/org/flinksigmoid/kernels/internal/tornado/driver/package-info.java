/**
 * The CUDA driver and cuBLASLt, called through {@code java.lang.foreign}: memory, copies, captured
 * graphs, matrix products. Knows nothing of TornadoVM, models or kernels.
 */
package org.flinksigmoid.kernels.internal.tornado.driver;
