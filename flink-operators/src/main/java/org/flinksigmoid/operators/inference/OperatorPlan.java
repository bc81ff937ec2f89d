package org.flinksigmoid.operators.inference;

import java.io.Serializable;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.ModelEvent;

/**
 * What an operator is made from.
 *
 * @param function runs on batches
 * @param settings checked
 * @param second another model, or null
 * @param deadLetters side output, or null unless dead letters are wanted
 * @param modelEvents side output, or null if they are only logged and counted
 */
record OperatorPlan<I, O>(
        InferenceFunction<I, O> function,
        InferenceSettings settings,
        SecondModel<I, O> second,
        OutputTag<DeadLetter<I>> deadLetters,
        OutputTag<ModelEvent> modelEvents)
        implements Serializable {}
