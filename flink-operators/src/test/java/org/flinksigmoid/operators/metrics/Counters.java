package org.flinksigmoid.operators.metrics;

import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionAttemptID;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;

/** What an operator on Flink's harness, or a function, counts in one group. */
public final class Counters {
    private final Map<String, Counter> counters = new TreeMap<>();
    private final TaskMetricGroup task;

    /**
     * @param group name of the group inside the operator's
     */
    public Counters(String group) {
        task =
                TaskManagerMetricGroup.createTaskManagerMetricGroup(
                                TestingMetricRegistry.builder()
                                        .setRegisterConsumer(
                                                (metric, name, in) -> {
                                                    String[] scope = in.getScopeComponents();
                                                    if (metric instanceof Counter counter
                                                            && scope[scope.length - 1].equals(
                                                                    group)) {
                                                        counters.put(name, counter);
                                                    }
                                                })
                                        .build(),
                                "localhost",
                                ResourceID.generate())
                        .addJob(new JobID(), "job")
                        .addTask(ExecutionAttemptID.randomId(), "task");
    }

    /** For a harness. */
    public MockEnvironment environment(int parallelism, int subtask, int maxParallelism) {
        return new MockEnvironmentBuilder()
                .setParallelism(parallelism)
                .setSubtaskIndex(subtask)
                .setMaxParallelism(maxParallelism)
                .setMetricGroup(task)
                .build();
    }

    /** For a function. */
    public MetricGroup operator() {
        return task.getOrAddOperator("operator");
    }

    /** The counts by their names. */
    public Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        counters.forEach((name, counter) -> counts.put(name, counter.getCount()));
        return counts;
    }
}
