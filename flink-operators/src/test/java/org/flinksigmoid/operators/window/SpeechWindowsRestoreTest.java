package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.flinksigmoid.operators.window.SpeechHarness.CHUNK;
import static org.flinksigmoid.operators.window.SpeechHarness.CHUNKS;
import static org.flinksigmoid.operators.window.SpeechHarness.SAMPLES;
import static org.flinksigmoid.operators.window.SpeechHarness.chunks;
import static org.flinksigmoid.operators.window.SpeechHarness.expected;
import static org.flinksigmoid.operators.window.SpeechHarness.sound;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.junit.jupiter.api.Test;

/** Speech windows after a snapshot, also at another parallelism. */
class SpeechWindowsRestoreTest {
    @Test
    void restoredOperatorGoesOnTheSame() throws Exception {
        List<AudioChunk> arriving = new ArrayList<>(CHUNKS);
        Collections.swap(arriving, 13, 15);
        Collections.swap(arriving, 20, 21);
        for (int cut = 1; cut < arriving.size(); cut += 3) {
            List<FeatureWindow> windows = new ArrayList<>();
            try (SpeechHarness before = new SpeechHarness()) {
                before.send(arriving.subList(0, cut));
                var state = before.snapshot();
                windows.addAll(before.windows());
                // What the first one does after the snapshot must not show in it.
                before.send(arriving.subList(cut, arriving.size()));
                try (SpeechHarness after = new SpeechHarness(SpeechWindowSettings.DEFAULT, state)) {
                    after.send(arriving.subList(cut, arriving.size()));
                    windows.addAll(after.windows());
                }
            }
            assertThat(windows).as("cut at %d", cut).isEqualTo(expected("a", SAMPLES));
        }
    }

    @Test
    void restoredTimersStillEndStreams() throws Exception {
        try (SpeechHarness before = new SpeechHarness()) {
            before.send(CHUNKS.subList(0, 5));
            before.send(CHUNKS.subList(6, 20));
            try (SpeechHarness after =
                    new SpeechHarness(SpeechWindowSettings.DEFAULT, before.snapshot())) {
                after.endInput();
                assertThat(after.gaps()).hasSize(1);
                assertThat(after.windows().getLast().last()).isTrue();
                assertThat(after.streamsInState()).isZero();
            }
        }
    }

    @Test
    void rescaledOperatorGoesOnTheSame() throws Exception {
        List<List<AudioChunk>> streams = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            streams.add(chunks("s" + i, sound(i, 30 * CHUNK)));
        }
        List<FeatureWindow> windows = new ArrayList<>();
        OperatorSubtaskState state = null;
        int before = 1;
        int from = 0;
        for (int parallelism : new int[] {2, 3, 1}) {
            List<OperatorSubtaskState> parts = new ArrayList<>();
            for (int subtask = 0; subtask < parallelism; subtask++) {
                OperatorSubtaskState mine =
                        state == null
                                ? null
                                : AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                        state,
                                        SpeechHarness.MAX_PARALLELISM,
                                        before,
                                        parallelism,
                                        subtask);
                try (SpeechHarness harness =
                        new SpeechHarness(
                                SpeechWindowSettings.DEFAULT, mine, parallelism, subtask)) {
                    for (List<AudioChunk> stream : streams) {
                        if (subtaskOf(stream.getFirst().streamId(), parallelism) == subtask) {
                            harness.send(stream.subList(from, from + 10));
                        }
                    }
                    windows.addAll(harness.windows());
                    parts.add(harness.snapshot());
                }
            }
            state =
                    AbstractStreamOperatorTestHarness.repackageState(
                            parts.toArray(OperatorSubtaskState[]::new));
            before = parallelism;
            from += 10;
        }
        for (int i = 0; i < streams.size(); i++) {
            String id = "s" + i;
            assertThat(windows.stream().filter(window -> window.streamId().equals(id)))
                    .containsExactlyElementsOf(expected(id, sound(i, 30 * CHUNK)));
        }
    }

    private static int subtaskOf(String streamId, int parallelism) {
        return KeyGroupRangeAssignment.assignKeyToParallelOperator(
                streamId, SpeechHarness.MAX_PARALLELISM, parallelism);
    }
}
