/**
 * Jobs on a GPU: what happens to them, and to its memory, when it works and when it dies. The tests
 * need a card (tag gpu) or the driver of {@code tornado-kernels/src/gpu-test/c}, which pretends to
 * be one (tag codegen).
 */
package org.flinksigmoid.operators.gpu;
