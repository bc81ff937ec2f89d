/**
 * Launches on the GPU: programs become TornadoVM task graphs, one for each capacity, with their
 * weights on the device. Knows no arithmetic. May depend on {@code kernels} and {@code tiles}, and
 * on {@code backend}, {@code attention}, {@code tensor}.
 */
package org.flinksigmoid.kernels.internal.tornado.plan;
