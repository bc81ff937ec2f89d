/**
 * Matrix products by cuBLASLt as tasks of TornadoVM graphs: a provider of TornadoVM's library SPI
 * that calls the library through Java's foreign function interface. Depends on nothing else of the
 * project.
 */
package org.flinksigmoid.kernels.internal.tornado.library;
