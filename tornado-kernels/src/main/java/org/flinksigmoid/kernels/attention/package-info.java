/** What attention computes: one record a mechanism, no arithmetic. May depend on {@code tensor}. */
package org.flinksigmoid.kernels.attention;
