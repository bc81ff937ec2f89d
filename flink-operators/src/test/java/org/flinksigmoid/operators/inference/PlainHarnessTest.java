package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** Flink's test harness as others use it, the way that {@link MicroBatchInference#factory} says. */
class PlainHarnessTest {
    private static KeyedOneInputStreamOperatorTestHarness<String, String, String> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                MicroBatchInference.<String, String>of(
                                batch -> batch.stream().map(String::toUpperCase).toList(),
                                String.class)
                        .factory(),
                text -> text,
                Types.STRING);
    }

    private static void setUp(
            KeyedOneInputStreamOperatorTestHarness<String, String, String> harness) {
        harness.getStreamConfig().setupNetworkInputs(StringSerializer.INSTANCE);
        harness.getStreamConfig().serializeAllConfigs();
        harness.setup(StringSerializer.INSTANCE);
    }

    @Test
    void recordsGoThroughAndComeBackFromASnapshot() throws Exception {
        OperatorSubtaskState state;
        try (var harness = harness()) {
            setUp(harness);
            harness.open();
            harness.processElement("a", 1);
            state = harness.snapshot(1, 1);
            harness.endInput();
            assertThat(harness.extractOutputValues()).containsExactly("A");
        }
        try (var harness = harness()) {
            setUp(harness);
            harness.initializeState(state);
            harness.open();
            harness.processElement("b", 2);
            harness.endInput();
            assertThat(harness.extractOutputValues()).containsExactlyInAnyOrder("A", "B");
        }
    }

    @Test
    void aHarnessWithoutTheInputsSerializerIsToldWhatItLacks() throws Exception {
        try (var harness = harness()) {
            assertThatThrownBy(harness::open)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected a serializer")
                    .hasMessageContaining("setupNetworkInputs");
        }
    }
}
