package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.device.SharedEngines;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelInferenceTest {
    private static final ModelOptions OPTIONS =
            ModelOptions.defaults().withBackend("scalar").withThreads(1);
    @TempDir private Path folder;

    @Test
    void textsOfAnyKindAreClassified() throws Exception {
        TinyCheckpoint.text("text-classification").write(folder);
        var inference =
                MicroBatchInference.of(
                                TextInference.messages(folder.toString(), OPTIONS), Score.class)
                        .maxBatchSize(2);
        String[] texts = {"hello", "", "\ud83d\ude00\ud83d", "\u0000\u0007", "x".repeat(1 << 20)};
        try (Harness harness = Harness.keyed(inference).open()) {
            assertThat(SharedEngines.size()).isEqualTo(1);
            for (int i = 0; i < texts.length; i++) {
                harness.send(new TextMessage("k", "" + i, texts[i], i));
            }
            harness.flink.endInput();
            List<Score> scores = harness.flink.extractOutputValues();
            assertThat(scores).extracting(Score::id).containsExactly("0", "1", "2", "3", "4");
            for (Score score : scores) {
                assertThat(score.label()).isNotEmpty();
                assertThat(score.modelVersion()).hasSize(12);
                float sum = 0;
                for (float probability : score.scores()) {
                    sum += probability;
                    assertThat(probability).isLessThanOrEqualTo(score.score());
                }
                assertThat(sum).isCloseTo(1, within(1e-5f));
            }
        }
        assertThat(SharedEngines.size()).isZero();
    }

    @Test
    void embeddingsHaveNoLabel() throws Exception {
        TinyCheckpoint.text("embedding").write(folder);
        var inference =
                MicroBatchInference.of(
                        TextInference.messages(folder.toString(), OPTIONS), Score.class);
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.send("k", 1);
            harness.flink.endInput();
            Score score = harness.flink.extractOutputValues().getFirst();
            assertThat(score.label()).isEmpty();
            assertThat(score.scores().length).isGreaterThan(1);
        }
    }

    @Test
    void aPredictionTellsTheScoreOfEachLabel() throws Exception {
        TinyCheckpoint.text("text-classification").write(folder);
        TextInference<String, TextPrediction> inference =
                new TextInference<>(folder.toString(), OPTIONS, text -> text, (text, said) -> said);
        inference.open(new MockStreamingRuntimeContext(1, 0));
        try {
            TextPrediction said = inference.infer(List.of("hello")).getFirst();
            assertThat(said.labels()).containsExactly("no", "yes", "maybe");
            assertThat(said.scoreOf(said.label())).isEqualTo(said.score());
            assertThat(said.scoreOf("maybe")).isEqualTo(said.scores()[2]);
            assertThatThrownBy(() -> said.scoreOf("spam"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("label: expected one of [no, yes, maybe], found spam");
        } finally {
            inference.close();
        }
    }

    @Test
    void aRecordWithoutATextIsBlamedAloneAndNotTriedAgain() throws Exception {
        var inference = scores(message -> message.text().isEmpty() ? null : message.text());
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.send(new TextMessage("k", "0", "a text", 0));
            harness.send(new TextMessage("k", "1", "", 0));
            harness.flink.endInput();
            assertThat(harness.ids()).containsExactly("0");
            assertThat(harness.deadLetters())
                    .containsExactly(
                            new DeadLetter<>(
                                    new TextMessage("k", "1", "", 0),
                                    "InvalidRecordException: text: expected a value, found null",
                                    1));
        }
    }

    @Test
    void aRecordWhoseTextCannotBeFoundIsBlamedAloneAndNotTriedAgain() throws Exception {
        var inference = scores(message -> message.text().substring(2));
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.send(new TextMessage("k", "0", "a text", 0));
            harness.send(new TextMessage("k", "1", "", 0));
            harness.send(new TextMessage("k", "2", "text", 0));
            harness.flink.endInput();
            assertThat(harness.ids()).containsExactly("0", "2");
            DeadLetter<TextMessage> letter = harness.deadLetters().getFirst();
            assertThat(letter.original().id()).isEqualTo("1");
            assertThat(letter.attempts()).isEqualTo(1);
            assertThat(letter.reason())
                    .startsWith(
                            "InvalidRecordException: text: expected a value, found a failure;"
                                    + " caused by StringIndexOutOfBoundsException: ");
        }
    }

    /** A model that scores what is found in a message. */
    private MicroBatchInference<TextMessage, Score> scores(TextInference.TextOf<TextMessage> text)
            throws Exception {
        TinyCheckpoint.text("score").write(folder);
        TextInference<TextMessage, Score> model =
                new TextInference<>(
                        folder.toString(),
                        OPTIONS,
                        text,
                        (message, said) -> ScriptedFunction.answer(message));
        return MicroBatchInference.of(model, Score.class).deadLetters(Harness.BAD);
    }

    /** A job may have several models. */
    @Test
    void aRefusedCheckpointIsSaidWithItsFolder() throws Exception {
        TinyCheckpoint.speech().write(folder);
        TextInference<TextMessage, Score> texts =
                TextInference.messages(folder.toString(), OPTIONS);
        assertThatThrownBy(() -> texts.open(new MockStreamingRuntimeContext(1, 0)))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        folder + ": task: expected a task on text, found \"ctc\" in config.json");
    }

    @Test
    void windowsWithoutFramesPassAndABadOneIsBlamedAlone() throws Exception {
        TinyCheckpoint.speech().write(folder);
        SpeechInference inference = new SpeechInference(folder.toString(), OPTIONS);
        inference.open(new MockStreamingRuntimeContext(1, 0));
        try {
            FeatureWindow empty = window(0, 0);
            FeatureWindow good = window(1, 64);
            FeatureWindow bad = window(2, 64);
            bad.features()[70] = Float.NaN;
            List<WindowLogProbs> results = inference.infer(List.of(empty, good));
            assertThat(results.get(0).steps()).isZero();
            assertThat(results.get(1).steps()).isEqualTo(16);
            assertThat(results.get(1).index()).isEqualTo(1);
            assertThat(inference.infer(List.of(empty)).getFirst().logProbs()).isEmpty();
            assertThatThrownBy(() -> inference.infer(List.of(empty, good, bad)))
                    .isInstanceOfSatisfying(
                            InvalidRecordException.class, e -> assertThat(e.index()).isEqualTo(2))
                    .hasMessageContaining("NaN");
        } finally {
            inference.close();
        }
    }

    /** It is the TaskManager's processors that count, not those where the job was submitted. */
    @Test
    void aModelForAllProcessorsIsTheOneForAsManyThreads() throws Exception {
        TinyCheckpoint.text("score").write(folder);
        int processors = Runtime.getRuntime().availableProcessors();
        ModelOptions all = ModelOptions.defaults().withBackend("scalar");
        assertThat(all.threads()).isEqualTo(ModelOptions.ALL_PROCESSORS);
        var one = TextInference.messages(folder.toString(), all);
        var other = TextInference.messages(folder.toString(), all.withThreads(processors));
        one.open(new MockStreamingRuntimeContext(1, 0));
        other.open(new MockStreamingRuntimeContext(1, 0));
        try {
            assertThat(SharedEngines.size()).isEqualTo(1);
        } finally {
            one.close();
            other.close();
        }
    }

    private static FeatureWindow window(long index, int frames) {
        float[] features = new float[frames * 40];
        Random random = new Random(index);
        for (int i = 0; i < features.length; i++) {
            features[i] = random.nextFloat() - 0.5f;
        }
        return new FeatureWindow("s", index, 0, 0, frames, 40, features, false, 0);
    }
}
