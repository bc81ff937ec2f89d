/**
 * Warp-level register tiles for Tensor Cores as static Java methods. {@link
 * org.flinksigmoid.kernels.internal.tornado.tiles.WarpTile} declares them; their CUDA text is
 * registered with TornadoVM's compiler from outside. The only package that extends TornadoVM's
 * compiler; may depend on nothing else of the project.
 */
package org.flinksigmoid.kernels.internal.tornado.tiles;
