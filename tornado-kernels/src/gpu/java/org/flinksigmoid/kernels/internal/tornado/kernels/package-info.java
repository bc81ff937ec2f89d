/**
 * The arithmetic of the GPU backend: Java methods that TornadoVM compiles, one kernel each. May
 * depend on {@code tiles}.
 */
package org.flinksigmoid.kernels.internal.tornado.kernels;
