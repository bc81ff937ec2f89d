package org.flinksigmoid.operators.inference;

import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** Options of {@link CircuitBreaker}, for jobs that read them from a configuration. */
public final class CircuitBreakerOptions {
    /** Failures that open it. */
    public static final ConfigOption<Integer> FAILURE_THRESHOLD =
            ConfigOptions.key("inference.breaker.failure-threshold")
                    .intType()
                    .defaultValue(3)
                    .withDescription(
                            "Calls in a row that fail on the device and not on the fallback, after"
                                    + " which the circuit breaker opens. A call that takes too long"
                                    + " opens it at once.");

    /** Pause before the device is tried again. */
    public static final ConfigOption<Duration> COOL_DOWN =
            ConfigOptions.key("inference.breaker.cool-down")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(30))
                    .withDescription(
                            "How long an open circuit breaker leaves the device alone before it"
                                    + " opens it again and tries one call.");

    private CircuitBreakerOptions() {}
}
