package org.flinksigmoid.operators.inference;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.legacy.YieldingOperatorFactory;
import org.flinksigmoid.operators.types.ModelUpdate;

/**
 * Makes the operator of {@link MicroBatchInference} on the TaskManager, with the mailbox it posts
 * results to, with or without a second input of updates. Chains to the operators beside it.
 *
 * @param <I> input record
 * @param <O> result
 */
@SuppressWarnings("deprecation") // the interface keeps Flink from chaining us to a legacy source
public final class MicroBatchOperatorFactory<I, O> extends AbstractStreamOperatorFactory<O>
        implements OneInputStreamOperatorFactory<I, O>,
                TwoInputStreamOperatorFactory<I, ModelUpdate, O>,
                YieldingOperatorFactory<O> {
    private static final long serialVersionUID = 1L;

    private final OperatorPlan<I, O> plan;
    private final boolean controlled;

    /**
     * @param controlled whether there is a second input, of updates
     */
    MicroBatchOperatorFactory(OperatorPlan<I, O> plan, boolean controlled) {
        this.plan = plan;
        this.controlled = controlled;
        this.chainingStrategy = ChainingStrategy.ALWAYS;
    }

    @Override
    @SuppressWarnings("unchecked") // Flink asks for the operator it described
    public <T extends StreamOperator<O>> T createStreamOperator(
            StreamOperatorParameters<O> parameters) {
        MicroBatchOperator<I, O> operator =
                controlled
                        ? new ControlledMicroBatchOperator<>(
                                parameters, getMailboxExecutor(), processingTimeService, plan)
                        : new PlainMicroBatchOperator<>(
                                parameters, getMailboxExecutor(), processingTimeService, plan);
        return (T) operator;
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature is Flink's
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return controlled ? ControlledMicroBatchOperator.class : PlainMicroBatchOperator.class;
    }
}
