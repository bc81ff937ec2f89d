/** The double version of every operation, and the rule that fast kernels' errors obey. */
package org.flinksigmoid.kernels.internal.oracle;
