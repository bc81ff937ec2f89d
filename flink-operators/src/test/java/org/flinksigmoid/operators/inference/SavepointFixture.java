package org.flinksigmoid.operators.inference;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.util.MiniClusterWithClientResource;

/** The job whose savepoint is committed, and the program that took it. */
final class SavepointFixture {
    /** Records whose results had left when the savepoint was taken. */
    static final int SCORED_BEFORE = 160;

    private SavepointFixture() {}

    static InferenceJob job(String name) {
        InferenceJob job = new InferenceJob(name, 7, 4000);
        job.inference.maxBatchSize(16).maxInFlight(5000).batchTimeout(Duration.ofDays(1));
        return job;
    }

    /**
     * Takes the savepoint; run by hand when a version is released.
     *
     * @param args the folder to write to, emptied before
     */
    static void main(String[] args) throws Exception {
        MiniClusterWithClientResource cluster =
                new MiniClusterWithClientResource(
                        new MiniClusterResourceConfiguration.Builder()
                                .setConfiguration(new Configuration())
                                .setNumberTaskManagers(1)
                                .setNumberSlotsPerTaskManager(2)
                                .build());
        cluster.before();
        InferenceJob job = job("fixture");
        ScriptedFunction.Script script = ScriptedFunction.script(job.name).closedGate();
        job.recordsPerSecond = 400;
        JobClient client = job.build(2).executeAsync();
        script.gate.release(SCORED_BEFORE / 16);
        SequenceCheck.Report report = SequenceCheck.report(job.name);
        while (report.passed.size() < SCORED_BEFORE) {
            Thread.sleep(50);
        }
        Thread.sleep(1000); // some hundred more come in and stay in flight
        String path =
                client.triggerSavepoint(args[0], SavepointFormatType.CANONICAL)
                        .get(30, TimeUnit.SECONDS);
        System.out.println(path);
        client.cancel().get(30, TimeUnit.SECONDS);
        cluster.after();
    }
}
