package org.flinksigmoid.pipelines.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.client.cli.CliFrontend;
import org.apache.flink.client.cli.DefaultCLI;
import org.apache.flink.configuration.Configuration;

/** Hands a job's main to a cluster, as {@code flink run --detached} does. */
public final class Submission {
    private Submission() {}

    /**
     * Submits a job and doesn't wait for its end. Flink's client prints the job's id, or what went
     * wrong.
     *
     * @param cluster such as {@code http://localhost:8081}
     * @param main the class with the job's {@code main}; its jar is sent along
     * @param settings of the job, which the cluster's own don't reach: parallelism, the interval of
     *     checkpoints
     * @param savepoint that the job goes on from; without one it begins anew
     * @param arguments of the main
     * @return the client's exit code: 0 if the job is there
     * @throws IOException if no JobManager answers at that address
     * @throws IllegalStateException if the class comes from no jar
     */
    public static int submit(
            URI cluster,
            Class<?> main,
            Configuration settings,
            Optional<Savepoint> savepoint,
            List<String> arguments)
            throws IOException, InterruptedException {
        new ClusterRest(cluster).get("/overview"); // Flink's client would try for a minute
        List<String> command = new ArrayList<>();
        command.addAll(List.of("run", "--detached"));
        command.addAll(List.of("--jobmanager", cluster.getHost() + ":" + cluster.getPort()));
        savepoint.ifPresent(from -> command.addAll(List.of("--fromSavepoint", from.location())));
        if (savepoint.isPresent() && savepoint.get().partly()) {
            command.add("--allowNonRestoredState");
        }
        command.addAll(List.of("--class", main.getName(), jarOf(main).toString()));
        command.addAll(arguments);
        return new CliFrontend(settings, List.of(new DefaultCLI()))
                .parseAndRun(command.toArray(String[]::new));
    }

    private static Path jarOf(Class<?> main) {
        try {
            Path jar = Path.of(main.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (!Files.isRegularFile(jar)) {
                throw new IllegalStateException(
                        main.getName() + ": expected it in a jar, found it in " + jar);
            }
            return jar;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
