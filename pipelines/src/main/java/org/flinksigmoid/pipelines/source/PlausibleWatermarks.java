package org.flinksigmoid.pipelines.source;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.flinksigmoid.operators.window.EventTime;

/**
 * Watermarks for records that come from many senders, each with a clock of its own: those of {@link
 * WatermarkStrategy#forBoundedOutOfOrderness}, but a time far ahead of all others moves none. One
 * sender whose clock is wrong would make late whatever the others send from then on.
 *
 * <p>Far ahead is more than a bound beyond the latest time that was believed, and beyond the time
 * that has passed since, so that a pause is none. Where only such times come, so many in a row,
 * they are believed: then it is the first ones that were wrong, or there is a gap in what is
 * replayed.
 */
public final class PlausibleWatermarks<T> implements WatermarkGenerator<T> {
    /** Records in a row that are far ahead until they are believed. */
    static final int WITNESSES = 100;

    /** How much later than another a record may come that is before it. */
    static final Duration DISORDER = Duration.ofSeconds(1);

    private final long aheadMillis;
    private final long disorderMillis;
    private final LongSupplier clockMillis;

    /** The latest time that was believed. */
    private long latest = Long.MIN_VALUE;

    /** When it came, by the clock. */
    private long since;

    private int witnesses;

    /** The earliest time of the witnesses. */
    private long witnessed;

    PlausibleWatermarks(Duration disorder, Duration ahead, LongSupplier clockMillis) {
        this.disorderMillis = disorder.toMillis();
        this.aheadMillis = Math.min(ahead.toMillis(), EventTime.MAX_MILLIS);
        this.clockMillis = clockMillis;
    }

    /**
     * The strategy, for records up to a second out of order; timestamps are still to be assigned.
     *
     * @param ahead how far ahead of all others a time is not believed
     */
    public static <T> WatermarkStrategy<T> strategy(Duration ahead) {
        return context ->
                new PlausibleWatermarks<>(DISORDER, ahead, () -> System.nanoTime() / 1_000_000);
    }

    @Override
    public void onEvent(T event, long timestamp, WatermarkOutput output) {
        if (!EventTime.makesSense(timestamp)) {
            return;
        }
        long now = clockMillis.getAsLong();
        long believed = timestamp;
        if (latest != Long.MIN_VALUE && timestamp > latest + aheadMillis + (now - since)) {
            witnessed = witnesses == 0 ? timestamp : Math.min(witnessed, timestamp);
            if (++witnesses < WITNESSES) {
                return;
            }
            believed = witnessed;
        }
        witnesses = 0;
        if (believed > latest) {
            latest = believed;
            since = now;
        }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        if (latest != Long.MIN_VALUE) {
            output.emitWatermark(new Watermark(latest - disorderMillis - 1));
        }
    }
}
