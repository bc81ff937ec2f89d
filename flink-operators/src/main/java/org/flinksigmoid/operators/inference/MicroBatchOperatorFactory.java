package org.flinksigmoid.operators.inference;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.legacy.YieldingOperatorFactory;

/**
 * Makes the operator of {@link MicroBatchInference} on the TaskManager, with the mailbox it posts
 * results to. Chains to the operators beside it.
 *
 * @param <I> input record
 * @param <O> result
 */
@SuppressWarnings("deprecation") // the interface keeps Flink from chaining us to a legacy source
public final class MicroBatchOperatorFactory<I, O> extends AbstractStreamOperatorFactory<O>
        implements OneInputStreamOperatorFactory<I, O>, YieldingOperatorFactory<O> {
    private static final long serialVersionUID = 1L;

    private final OperatorPlan<I, O> plan;

    MicroBatchOperatorFactory(OperatorPlan<I, O> plan) {
        this.plan = plan;
        this.chainingStrategy = ChainingStrategy.ALWAYS;
    }

    @Override
    @SuppressWarnings("unchecked") // Flink asks for the operator it described
    public <T extends StreamOperator<O>> T createStreamOperator(
            StreamOperatorParameters<O> parameters) {
        return (T)
                new PlainMicroBatchOperator<>(
                        parameters, getMailboxExecutor(), processingTimeService, plan);
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature is Flink's
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return PlainMicroBatchOperator.class;
    }
}
