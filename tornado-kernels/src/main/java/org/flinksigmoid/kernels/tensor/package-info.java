/**
 * Shapes, element types, row-major tensors over memory segments, and ragged batches. Depends on
 * nothing else in the project.
 */
package org.flinksigmoid.kernels.tensor;
