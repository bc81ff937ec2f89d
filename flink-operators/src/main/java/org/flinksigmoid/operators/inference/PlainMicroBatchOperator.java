package org.flinksigmoid.operators.inference;

import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;

/** The operator with records as its only input. */
final class PlainMicroBatchOperator<I, O> extends MicroBatchOperator<I, O>
        implements OneInputStreamOperator<I, O>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    PlainMicroBatchOperator(
            StreamOperatorParameters<O> parameters,
            MailboxExecutor mailbox,
            ProcessingTimeService timeService,
            OperatorPlan<I, O> plan) {
        super(parameters, mailbox, timeService, plan);
    }

    @Override
    public void processElement(StreamRecord<I> element) throws Exception {
        take(element);
    }

    @Override
    public void endInput() throws Exception {
        flush();
    }
}
