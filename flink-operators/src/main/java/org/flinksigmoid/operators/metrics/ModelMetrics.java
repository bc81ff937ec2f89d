package org.flinksigmoid.operators.metrics;

import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Gauges that show a {@link ModelStatus}, read when they are reported. */
public final class ModelMetrics {
    private ModelMetrics() {}

    /**
     * Registers the gauges.
     *
     * @param group where to, {@code inference} of an operator
     * @param status asked at every report, by any thread
     */
    public static void register(MetricGroup group, Supplier<ModelStatus> status) {
        group.gauge("modelVersion", (Gauge<String>) () -> status.get().version());
        number(group, status, "modelVersionNumber", s -> number(s.version()));
        number(group, status, "modelsLoaded", ModelStatus::loaded);
        number(group, status, "modelBytes", ModelStatus::bytes);
        number(group, status, "modelDeviceBytes", ModelStatus::deviceBytes);
        number(group, status, "modelLoadMs", ModelStatus::loadMillis);
        number(group, status, "modelSwaps", ModelStatus::swaps);
        number(group, status, "modelRefusals", ModelStatus::refusals);
        number(group, status, "breakerState", s -> s.breaker().state().code());
        number(group, status, "breakerOpenings", s -> s.breaker().openings());
        number(group, status, "breakerFallbackCalls", s -> s.breaker().fallbackCalls());
    }

    private static void number(
            MetricGroup group,
            Supplier<ModelStatus> status,
            String name,
            ToLongFunction<ModelStatus> value) {
        group.gauge(name, (Gauge<Long>) () -> value.applyAsLong(status.get()));
    }

    /** The first 12 hexadecimal digits of a version, for reporters that know numbers only. */
    private static long number(String version) {
        try {
            return version.isEmpty()
                    ? 0
                    : Long.parseLong(version, 0, Math.min(12, version.length()), 16);
        } catch (NumberFormatException e) {
            return version.hashCode() & 0x7fffffffL;
        }
    }
}
