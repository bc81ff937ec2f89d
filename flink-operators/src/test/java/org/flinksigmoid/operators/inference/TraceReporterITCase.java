package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.TraceOptions;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.traces.Span;
import org.apache.flink.traces.reporter.TraceReporter;
import org.apache.flink.traces.reporter.TraceReporterFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Batches reach the trace reporters that a cluster is configured with. */
class TraceReporterITCase {
    private static final List<Span> SPANS = Collections.synchronizedList(new ArrayList<>());

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setConfiguration(configuration())
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static Configuration configuration() {
        Configuration configuration = new Configuration();
        TraceOptions.forTraceReporter(configuration, "test")
                .set(TraceOptions.REPORTER_FACTORY_CLASS, Factory.class.getName());
        return configuration;
    }

    /** Made by Flink, by its name. */
    public static final class Factory implements TraceReporterFactory {
        /** Called by Flink. */
        public Factory() {}

        @Override
        public TraceReporter createTraceReporter(Properties properties) {
            return new Reporter();
        }
    }

    private static final class Reporter implements TraceReporter {
        @Override
        public void open(MetricConfig config) {}

        @Override
        public void close() {}

        @Override
        public void notifyOfAddedSpan(Span span) {
            SPANS.add(span);
        }
    }

    @Test
    void everyBatchIsASpanWithItsTimesAndWhatBecameOfIt() throws Exception {
        InferenceJob job = new InferenceJob("spans", 10, 400);
        job.inference.spanInterval(Duration.ZERO);
        ScriptedFunction.Script script = ScriptedFunction.script(job.name);
        script.fault =
                batch -> {
                    Thread.sleep(5);
                    if (script.batches.size() == 3) {
                        throw new IOException("injected");
                    }
                };
        job.build(1).execute();
        job.assertExactlyOnceInOrder();

        List<Span> batches = List.copyOf(SPANS);
        batches = batches.stream().filter(span -> span.getName().equals("InferenceBatch")).toList();
        assertThat(batches).hasSameSizeAs(script.batches);
        assertThat(batches)
                .allSatisfy(
                        span -> {
                            assertThat(span.getEndTsMillis() - span.getStartTsMillis())
                                    .isGreaterThanOrEqualTo(4);
                            assertThat(span.getAttributes())
                                    .containsKeys("tokens", "waitMs", "modelVersion");
                        });
        List<Map<String, Object>> failed =
                batches.stream()
                        .map(Span::getAttributes)
                        .filter(attributes -> attributes.get("succeeded").equals(false))
                        .toList();
        assertThat(failed).hasSize(1);
        long records =
                batches.stream()
                        .map(Span::getAttributes)
                        .filter(attributes -> !failed.contains(attributes))
                        .mapToLong(attributes -> (Long) attributes.get("records"))
                        .sum();
        assertThat(records).isEqualTo(400);
    }
}
