package org.flinksigmoid.operators.cookbook;

import java.io.IOException;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.Models;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/** Answers of the model in use, and where a candidate on the same messages says otherwise. */
record NewModelTrial(DataStream<Score> answers, DataStream<Difference> differences) {
    /** A message that the candidate labels differently. */
    public record Difference(String id, String answer, String candidate) {}

    static NewModelTrial of(
            DataStream<TextMessage> messages,
            String inUse,
            String candidate,
            DataStream<ModelUpdate> updates) {
        OutputTag<Score> shadow = new OutputTag<>("shadow", TypeInformation.of(Score.class));
        SingleOutputStreamOperator<Score> answers =
                MicroBatchInference.of(model(inUse), Score.class)
                        .uid("answers")
                        .shadow(model(candidate), 1, shadow)
                        .control(updates)
                        .apply(messages.keyBy(TextMessage::key));
        return new NewModelTrial(
                answers,
                answers.keyBy(Score::id)
                        .connect(answers.getSideOutput(shadow).keyBy(Score::id))
                        .process(new Compare())
                        .returns(Difference.class)
                        .uid("compare"));
    }

    private static Models<TextMessage, Score> model(String folder) {
        return Models.of(folder, at -> TextInference.messages(at, ModelOptions.defaults()));
    }

    /** Waits a minute for the other's score: the shadow answers at most once. */
    private static final class Compare
            extends KeyedCoProcessFunction<String, Score, Score, Difference> {
        private static final long serialVersionUID = 1L;
        private static final Duration PATIENCE = Duration.ofMinutes(1);
        private transient ValueState<Score> other;

        @Override
        public void open(OpenContext context) {
            other = getRuntimeContext().getState(new ValueStateDescriptor<>("other", Score.class));
        }

        @Override
        public void processElement1(Score answer, Context context, Collector<Difference> out)
                throws IOException {
            compare(answer, answer, other.value(), context, out);
        }

        @Override
        public void processElement2(Score candidate, Context context, Collector<Difference> out)
                throws IOException {
            compare(candidate, other.value(), candidate, context, out);
        }

        private void compare(
                Score come,
                Score answer,
                Score candidate,
                Context context,
                Collector<Difference> out)
                throws IOException {
            if (answer == null || candidate == null) {
                other.update(come);
                long now = context.timerService().currentProcessingTime();
                context.timerService().registerProcessingTimeTimer(now + PATIENCE.toMillis());
                return;
            }
            other.clear();
            if (!answer.label().equals(candidate.label())) {
                out.collect(new Difference(answer.id(), answer.label(), candidate.label()));
            }
        }

        @Override
        public void onTimer(long time, OnTimerContext context, Collector<Difference> out) {
            other.clear();
        }
    }
}
