package org.flinksigmoid.operators.inference;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.legacy.YieldingOperatorFactory;
import org.flinksigmoid.operators.types.ModelUpdate;

/**
 * Makes the operator of {@link MicroBatchInference} with a control stream on the TaskManager, with
 * the mailbox it posts results to.
 *
 * @param <I> input record
 * @param <O> result
 */
@SuppressWarnings("deprecation") // the interface keeps Flink from chaining us to a legacy source
final class ControlledOperatorFactory<I, O> extends AbstractStreamOperatorFactory<O>
        implements TwoInputStreamOperatorFactory<I, ModelUpdate, O>, YieldingOperatorFactory<O> {
    private static final long serialVersionUID = 1L;

    private final OperatorPlan<I, O> plan;

    ControlledOperatorFactory(OperatorPlan<I, O> plan) {
        this.plan = plan;
        this.chainingStrategy = ChainingStrategy.ALWAYS;
    }

    @Override
    @SuppressWarnings("unchecked") // Flink asks for the operator it described
    public <T extends StreamOperator<O>> T createStreamOperator(
            StreamOperatorParameters<O> parameters) {
        return (T)
                new ControlledMicroBatchOperator<>(
                        parameters, getMailboxExecutor(), processingTimeService, plan);
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature is Flink's
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return ControlledMicroBatchOperator.class;
    }
}
