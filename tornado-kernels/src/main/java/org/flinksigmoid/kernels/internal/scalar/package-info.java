/**
 * The executable specification: every operation as the plain float loop that its formula reads
 * like, one thread, no tricks. Other backends are measured against it and against the double
 * version of the same loops in the tests. May depend on {@code internal.interpret}, {@code
 * backend}, {@code attention}, {@code tensor}.
 */
package org.flinksigmoid.kernels.internal.scalar;
