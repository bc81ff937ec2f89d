package org.flinksigmoid.operators.gpu;

import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;

/** A cluster for {@link TextJob}s, and what their operator's gauges show, also after their end. */
final class Metered {
    private final InMemoryReporter reporter = InMemoryReporter.createWithRetainedMetrics();

    /** The cluster, to be registered. */
    MiniClusterExtension cluster() {
        return new MiniClusterExtension(
                new MiniClusterResourceConfiguration.Builder()
                        .setConfiguration(reporter.addToConfiguration(new Configuration()))
                        .setNumberTaskManagers(1)
                        .setNumberSlotsPerTaskManager(TextJob.SUBTASKS)
                        .build());
    }

    /** The values of a gauge of the operator, one a subtask and job so far. */
    List<Long> gauges(String name) {
        return reporter.getMetricsByGroup().values().stream()
                .flatMap(metrics -> metrics.entrySet().stream())
                .filter(metric -> metric.getKey().equals(name))
                .map(metric -> (Long) ((Gauge<?>) metric.getValue()).getValue())
                .toList();
    }
}
