/**
 * How a program of operations runs: the backend interface, its programs, and the choice among
 * backends found through {@link java.util.ServiceLoader}. May depend on {@code attention} and
 * {@code tensor}.
 */
package org.flinksigmoid.kernels.backend;
