/**
 * Metrics of the operators, on Flink's metric groups. Depends on Flink's metric API only; the
 * operators depend on it.
 */
package org.flinksigmoid.operators.metrics;
