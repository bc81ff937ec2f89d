package org.flinksigmoid.operators.inference;

import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.flinksigmoid.operators.types.ModelUpdate;

/**
 * The operator with a second input of updates to its models. Event time is that of the records: the
 * control stream neither holds it back nor moves it, and its end means nothing.
 */
final class ControlledMicroBatchOperator<I, O> extends MicroBatchOperator<I, O>
        implements TwoInputStreamOperator<I, ModelUpdate, O>, BoundedMultiInput {
    private static final long serialVersionUID = 1L;

    ControlledMicroBatchOperator(
            StreamOperatorParameters<O> parameters,
            MailboxExecutor mailbox,
            ProcessingTimeService timeService,
            OperatorPlan<I, O> plan) {
        super(parameters, mailbox, timeService, plan);
    }

    @Override
    public void processElement1(StreamRecord<I> element) throws Exception {
        take(element);
    }

    @Override
    public void processElement2(StreamRecord<ModelUpdate> element) {
        update(element.getValue());
    }

    @Override
    public void processWatermark1(Watermark mark) throws Exception {
        processWatermark(mark);
    }

    @Override
    public void processWatermark2(Watermark mark) {}

    /** Flink would combine the inputs' idleness, and pass it on before what is in flight. */
    @Override
    protected void processWatermarkStatus(WatermarkStatus status, int index) throws Exception {
        if (index == 0) {
            processWatermarkStatus(status);
        }
    }

    @Override
    public void endInput(int inputId) throws Exception {
        if (inputId == 1) {
            flush();
        }
    }
}
