package org.flinksigmoid.operators.inference;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.legacy.YieldingOperatorFactory;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.types.DeadLetter;

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

    private final InferenceFunction<I, O> function;
    private final InferenceSettings settings;

    /** Null unless dead letters are wanted. */
    private final OutputTag<DeadLetter<I>> deadLetters;

    MicroBatchOperatorFactory(
            InferenceFunction<I, O> function,
            InferenceSettings settings,
            OutputTag<DeadLetter<I>> deadLetters) {
        this.function = function;
        this.settings = settings;
        this.deadLetters = deadLetters;
        this.chainingStrategy = ChainingStrategy.ALWAYS;
    }

    @Override
    @SuppressWarnings("unchecked") // Flink asks for the operator it described
    public <T extends StreamOperator<O>> T createStreamOperator(
            StreamOperatorParameters<O> parameters) {
        return (T)
                new MicroBatchOperator<>(
                        parameters,
                        getMailboxExecutor(),
                        processingTimeService,
                        function,
                        settings,
                        deadLetters);
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature is Flink's
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return MicroBatchOperator.class;
    }
}
