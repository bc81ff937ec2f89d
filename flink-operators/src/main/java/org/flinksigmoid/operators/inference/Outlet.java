package org.flinksigmoid.operators.inference;

import java.util.function.LongConsumer;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.function.ThrowingConsumer;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.flinksigmoid.operators.types.DeadLetter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands on what leaves the operator: results, dead letters, watermarks; and counts it. */
final class Outlet<I, O> implements InFlight.Emitter<I, O> {
    private static final Logger LOG = LoggerFactory.getLogger(Outlet.class);

    private final Output<StreamRecord<O>> output;
    private final ThrowingConsumer<StreamElement, Exception> events;
    private final InferenceMetrics metrics;

    /** Null if records that can't be processed are skipped. */
    private final OutputTag<DeadLetter<I>> deadLetters;

    /** Null unless there is an A/B test. */
    private final OutputTag<O> secondResults;

    private final LongConsumer latencies;
    private final String operator;
    private final StreamRecord<O> reused = new StreamRecord<>(null);
    private final LogThrottle warnings = new LogThrottle();

    /**
     * @param output where records go
     * @param events where watermarks and stream status go
     * @param metrics counts
     * @param plan side outputs
     * @param latencies told how long each record was inside, in nanoseconds
     * @param operator name for the log
     */
    Outlet(
            Output<StreamRecord<O>> output,
            ThrowingConsumer<StreamElement, Exception> events,
            InferenceMetrics metrics,
            OperatorPlan<I, O> plan,
            LongConsumer latencies,
            String operator) {
        this.output = output;
        this.events = events;
        this.metrics = metrics;
        this.deadLetters = plan.deadLetters();
        this.secondResults = plan.second() == null ? null : plan.second().results();
        this.latencies = latencies;
        this.operator = operator;
    }

    @Override
    public void emit(StreamElement event) throws Exception {
        events.accept(event);
    }

    @Override
    public void emit(Entry<I, O> entry) {
        switch (entry.outcome) {
            case Entry.Outcome.Result<O>(O value) -> {
                long nanos = System.nanoTime() - entry.arrivedNanos;
                metrics.emitted(nanos);
                latencies.accept(nanos);
                if (entry.lane.second()) {
                    output.collect(secondResults, withTimestamp(new StreamRecord<>(value), entry));
                }
                output.collect(withTimestamp(reused.replace(value), entry));
            }
            case Entry.Outcome.GivenUp<O>(String reason) -> giveUp(entry, reason);
        }
    }

    private void giveUp(Entry<I, O> entry, String reason) {
        if (deadLetters == null) {
            metrics.skipped();
            warnings.due()
                    .ifPresent(
                            more ->
                                    LOG.warn(
                                            "{}: a record is skipped: {}{}",
                                            operator,
                                            reason,
                                            more));
            return;
        }
        metrics.deadLettered();
        DeadLetter<I> letter = new DeadLetter<>(entry.value, reason, entry.attempts);
        output.collect(deadLetters, withTimestamp(new StreamRecord<>(letter), entry));
    }

    static <T> StreamRecord<T> withTimestamp(StreamRecord<T> record, Entry<?, ?> entry) {
        if (entry.hasTimestamp) {
            record.setTimestamp(entry.timestamp);
        } else {
            record.eraseTimestamp();
        }
        return record;
    }
}
