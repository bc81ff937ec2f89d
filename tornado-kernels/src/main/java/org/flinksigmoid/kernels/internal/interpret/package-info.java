/**
 * What the interpreting backends share: a program's buffers, its run loop and the checks of what
 * goes in. Knows no arithmetic. May depend on {@code backend}, {@code attention}, {@code tensor}.
 */
package org.flinksigmoid.kernels.internal.interpret;
