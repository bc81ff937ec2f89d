/**
 * Launches on the GPU: programs become captured graphs, one for each capacity, with their
 * parameters on the device once; kernels are compiled by TornadoVM. Knows no arithmetic. May depend
 * on {@code kernels}, {@code tiles} and {@code driver}, and on {@code backend}, {@code attention},
 * {@code tensor}.
 */
package org.flinksigmoid.kernels.internal.tornado.plan;
