/**
 * What benchmarks and cross-checks compare with: other engines' models, turned into checkpoint
 * folders. Not part of the library.
 */
package org.flinksigmoid.kernels.bench.peer;
