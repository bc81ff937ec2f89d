/**
 * Flink inside this JVM, for the command line and the demo: the environment, and sinks that hand
 * results to code of the same JVM.
 */
package org.flinksigmoid.pipelines.local;
