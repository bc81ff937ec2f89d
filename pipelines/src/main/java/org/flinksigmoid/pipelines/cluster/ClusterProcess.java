package org.flinksigmoid.pipelines.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/**
 * One process of a cluster: Flink's own main of the role that the first argument names. It ends
 * with the process that started it, however that ends: then nobody holds the other end of its
 * standard input any more.
 */
final class ClusterProcess {
    static final String JOB_MANAGER = "jobmanager";
    static final String TASK_MANAGER = "taskmanager";

    private ClusterProcess() {}

    /** Runs until the process ends. */
    public static void main(String[] arguments) throws Exception {
        Thread.ofPlatform().daemon().name("parent").start(ClusterProcess::endWithParent);
        String[] settings = Arrays.copyOfRange(arguments, 1, arguments.length);
        switch (arguments[0]) {
            case JOB_MANAGER -> StandaloneSessionClusterEntrypoint.main(settings);
            case TASK_MANAGER -> TaskManagerRunner.main(settings);
            default -> throw new IllegalArgumentException("role: found " + arguments[0]);
        }
    }

    private static void endWithParent() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // As its end.
        }
        System.err.println("The process that started this one has ended, so does this one.");
        System.exit(1);
    }
}
