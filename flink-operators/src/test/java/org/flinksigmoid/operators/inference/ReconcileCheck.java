package org.flinksigmoid.operators.inference;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/**
 * Checks results (first input) and dead letters (second) of one key against each other, in state
 * that fails and restores with the job: every id once, results in order. What it found is kept by
 * name, outside the job.
 */
final class ReconcileCheck
        extends KeyedCoProcessFunction<String, Score, DeadLetter<TextMessage>, String> {
    private static final Map<String, Report> REPORTS = new ConcurrentHashMap<>();

    private final String name;
    private final int keys;
    private transient ValueState<byte[]> seen;
    private transient ValueState<Long> last;
    private transient ValueState<Integer> dead;

    /** What was found. */
    static final class Report {
        final List<String> violations = new CopyOnWriteArrayList<>();

        /** Ids of each key that came out, as results or dead letters. */
        final Map<String, Integer> out = new ConcurrentHashMap<>();

        /** Ids of each key that came out as dead letters. */
        final Map<String, Integer> dead = new ConcurrentHashMap<>();
    }

    ReconcileCheck(String name, int keys) {
        this.name = name;
        this.keys = keys;
    }

    static Report report(String name) {
        return REPORTS.computeIfAbsent(name, any -> new Report());
    }

    @Override
    public void open(OpenContext context) {
        seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", byte[].class));
        last = getRuntimeContext().getState(new ValueStateDescriptor<>("last", Types.LONG));
        dead = getRuntimeContext().getState(new ValueStateDescriptor<>("dead", Types.INT));
    }

    @Override
    public void processElement1(Score score, Context context, Collector<String> out)
            throws Exception {
        long id = Long.parseLong(score.id());
        if (last.value() != null && last.value() >= id) {
            violation("%d after %d", id, last.value());
        }
        if (FaultyText.isPoisoned(id)) {
            violation("%d has a result", id, 0L);
        }
        last.update(id);
        see(id, context);
    }

    @Override
    public void processElement2(
            DeadLetter<TextMessage> letter, Context context, Collector<String> out)
            throws Exception {
        long id = Long.parseLong(letter.original().id());
        if (!FaultyText.isPoisoned(id)) {
            violation("%d is a dead letter", id, 0L);
        }
        dead.update((dead.value() == null ? 0 : dead.value()) + 1);
        see(id, context);
    }

    private void violation(String what, long id, long other) {
        report(name).violations.add(what.formatted(id, other));
    }

    private void see(long id, Context context) throws Exception {
        BitSet ids = seen.value() == null ? new BitSet() : BitSet.valueOf(seen.value());
        int index = Math.toIntExact(id / keys);
        if (ids.get(index)) {
            violation("%d came twice", id, 0L);
        }
        ids.set(index);
        seen.update(ids.toByteArray());
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out)
            throws Exception {
        Report report = report(name);
        report.out.put(context.getCurrentKey(), BitSet.valueOf(seen.value()).cardinality());
        report.dead.put(context.getCurrentKey(), dead.value() == null ? 0 : dead.value());
    }
}
