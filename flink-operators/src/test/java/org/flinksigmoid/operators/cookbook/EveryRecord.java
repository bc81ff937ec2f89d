package org.flinksigmoid.operators.cookbook;

import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/** A watermark behind every record, so that tests know what is late. */
final class EveryRecord<T> implements WatermarkGenerator<T> {
    private long latest = Long.MIN_VALUE;

    @Override
    public void onEvent(T record, long timestamp, WatermarkOutput output) {
        latest = Math.max(latest, timestamp);
        output.emitWatermark(new Watermark(latest));
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        // One behind every record is enough.
    }
}
