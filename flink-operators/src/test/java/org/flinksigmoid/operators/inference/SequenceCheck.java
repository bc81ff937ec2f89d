package org.flinksigmoid.operators.inference;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.flinksigmoid.operators.types.Score;

/**
 * Checks downstream, in state that fails and restores with the job, that the ids of every key are
 * {@code k, k + keys, k + 2 keys, ...}: none missing, none twice, none out of order. What it found
 * is kept by name, outside the job.
 */
final class SequenceCheck extends KeyedProcessFunction<String, Score, String> {
    private static final Map<String, Report> REPORTS = new ConcurrentHashMap<>();

    private final String name;
    private final int keys;
    private transient ValueState<Long> next;

    /** What was found. */
    static final class Report {
        final List<String> violations = new CopyOnWriteArrayList<>();

        /** Number of ids seen of each key whose input has ended. */
        final Map<String, Long> finished = new ConcurrentHashMap<>();

        /** Every id that passed, with those that a failure took back. */
        final List<Long> passed = new CopyOnWriteArrayList<>();
    }

    SequenceCheck(String name, int keys) {
        this.name = name;
        this.keys = keys;
    }

    static Report report(String name) {
        return REPORTS.computeIfAbsent(name, any -> new Report());
    }

    @Override
    public void open(OpenContext context) {
        next = getRuntimeContext().getState(new ValueStateDescriptor<>("next", Long.class));
    }

    @Override
    public void processElement(Score score, Context context, Collector<String> out)
            throws Exception {
        long id = Long.parseLong(score.id());
        long expected = next.value() == null ? id % keys : next.value();
        if (id != expected || context.timestamp() != id) {
            report(name)
                    .violations
                    .add(
                            "key %s: expected %d, found %d at time %d"
                                    .formatted(score.key(), expected, id, context.timestamp()));
        }
        report(name).passed.add(id);
        next.update(id + keys);
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out)
            throws Exception {
        report(name).finished.put(context.getCurrentKey(), next.value() / keys);
    }
}
