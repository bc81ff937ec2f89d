/**
 * The arithmetic of the GPU backend: Java methods that TornadoVM compiles, one kernel each. Those
 * on floats are portable: they use TornadoVM's own {@code KernelContext} alone, and run on its cuda
 * and ptx backends. Those on 16 bits take the intrinsics of {@code tiles}, which the cuda backend
 * has. May depend on {@code tiles}.
 */
package org.flinksigmoid.kernels.internal.tornado.kernels;
