/**
 * Models in SQL and the Table API: the provider {@code flink-sigmoid} for {@code CREATE MODEL} and
 * {@code ML_PREDICT}. Depends on {@code inference} for batches, on {@code device} for shared models
 * and on {@code window} for streams of speech; nothing depends on it.
 */
package org.flinksigmoid.operators.table;
