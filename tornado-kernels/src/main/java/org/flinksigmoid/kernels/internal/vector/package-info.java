/**
 * The CPU's vector units through {@code jdk.incubator.vector}; no other package imports it. May
 * depend on {@code internal.interpret}, {@code backend}, {@code attention}, {@code tensor}.
 *
 * <p>One idea carries all kernels: a row is a lane ({@link
 * org.flinksigmoid.kernels.internal.vector.Panels}), a weight is broadcast.
 */
package org.flinksigmoid.kernels.internal.vector;
