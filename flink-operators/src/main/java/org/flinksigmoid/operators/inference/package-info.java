/**
 * Micro-batch inference: {@link org.flinksigmoid.operators.inference.MicroBatchInference} puts an
 * {@link org.flinksigmoid.operators.inference.InferenceFunction} into a stream.
 *
 * <p>Batches cross keys and are invisible in the result; records in flight are state; nothing is
 * lost, doubled or silently dropped. May depend on {@code types}, {@code metrics} and {@code
 * device}, and in the ready-made functions on the engine's {@code model} package and what that
 * takes and gives.
 */
package org.flinksigmoid.operators.inference;
