/**
 * Engines that a TaskManager's slots share, and which device they run on. Knows nothing of models:
 * what is shared is anything that loads and closes. Depends on Flink's core API only.
 */
package org.flinksigmoid.operators.device;
