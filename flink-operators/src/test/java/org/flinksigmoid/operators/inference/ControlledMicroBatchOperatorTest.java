package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.flinksigmoid.operators.inference.ScriptedFunction.Script;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Event time of an operator with a control stream, which has nothing to do with it. */
class ControlledMicroBatchOperatorTest {
    private Script script;
    private AbstractStreamOperatorTestHarness<Score> harness;
    private ControlledMicroBatchOperator<TextMessage, Score> operator;

    @BeforeEach
    void open(TestInfo test) throws Exception {
        String name = test.getDisplayName();
        script = ScriptedFunction.script(name);
        var function = new ScriptedFunction(name);
        var settings =
                MicroBatchInference.of(function, Score.class)
                        .batchTimeout(Duration.ZERO)
                        .settings();
        var plan = new OperatorPlan<TextMessage, Score>(function, settings, null, null, null);
        harness =
                new AbstractStreamOperatorTestHarness<>(
                        new MicroBatchOperatorFactory<>(plan, true), 1, 1, 0);
        SerializerConfigImpl config = new SerializerConfigImpl();
        harness.getStreamConfig()
                .setupNetworkInputs(
                        TypeInformation.of(TextMessage.class).createSerializer(config),
                        TypeInformation.of(ModelUpdate.class).createSerializer(config));
        harness.getStreamConfig().serializeAllConfigs();
        harness.setup(TypeInformation.of(Score.class).createSerializer(config));
        harness.open();
        operator = (ControlledMicroBatchOperator<TextMessage, Score>) harness.getOperator();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void idlenessStaysBehindTheRecordsBeforeIt() throws Exception {
        script.closedGate();
        TextMessage message = Harness.message("k", 5);
        operator.processElement1(new StreamRecord<>(message, 5));
        operator.processWatermark1(new Watermark(6));
        operator.processWatermarkStatus1(WatermarkStatus.IDLE);
        assertThat(harness.getOutput()).isEmpty();
        script.gate.release();
        operator.endInput(1);
        assertThat(harness.getOutput())
                .containsExactly(
                        new StreamRecord<>(ScriptedFunction.answer(message), 5),
                        new Watermark(6),
                        WatermarkStatus.IDLE);
    }

    @Test
    void theControlStreamsWatermarksAndIdlenessMeanNothing() throws Exception {
        operator.processWatermarkStatus1(WatermarkStatus.IDLE);
        operator.processWatermarkStatus2(WatermarkStatus.ACTIVE);
        operator.processWatermarkStatus2(WatermarkStatus.IDLE);
        operator.processWatermark2(new Watermark(7));
        operator.processWatermarkStatus1(WatermarkStatus.ACTIVE);
        assertThat(harness.getOutput())
                .containsExactly(WatermarkStatus.IDLE, WatermarkStatus.ACTIVE);
    }
}
