/**
 * The GPU backend's door, which links nothing of TornadoVM: it says whether the backend can run
 * here and opens it. What it opens ({@code plan}, {@code kernels}, {@code tiles}, in {@code
 * src/gpu}) is in the jar where that was built with {@code TORNADOVM_HOME} set. May depend on
 * {@code backend}.
 */
package org.flinksigmoid.kernels.internal.tornado;
