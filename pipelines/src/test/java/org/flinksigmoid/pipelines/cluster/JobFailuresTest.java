package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against answers such as Flink 2.3 gives. */
class JobFailuresTest {
    private static final String FULL =
            """
            java.io.IOException: /out: expected to write results there, found No space left
            \tat org.flinksigmoid.pipelines.sink.OutputFolder.failure(OutputFolder.java:60)
            Caused by: java.io.IOException: No space left on device
            \t... 24 more
            """;
    private static final String NO_SLOT =
            """
            java.util.concurrent.CompletionException: a.b.NoResourceException: No slots.
            \tat a.b.C.d(C.java:1)
            """;
    private static final String DEEP =
            """
            org.apache.flink.runtime.JobException: The failure is not recoverable
            \tat a.b.C.d(C.java:1)
            Caused by: a.b.SuppressRestartsException: Unrecoverable failure.
            \tat a.b.C.d(C.java:1)
            Caused by: java.lang.NullPointerException: x is null
            """;

    private static final String BARE =
            """
            java.lang.Exception: Exception while creating a context.
            Caused by: a.b.BackendBuildingException: Failed to restore
            \t... 14 more
            Caused by: java.io.EOFException
            \t... 20 more
            """;

    private final Map<String, Object> answers = new ConcurrentHashMap<>();
    private HttpServer server;
    private JobFailures failures;

    @BeforeEach
    void answer() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    Object answer = answers.get(exchange.getRequestURI().getPath());
                    byte[] json = new ObjectMapper().writeValueAsBytes(answer);
                    exchange.sendResponseHeaders(200, json.length);
                    exchange.getResponseBody().write(json);
                    exchange.close();
                });
        server.start();
        failures =
                new JobFailures(
                        new ClusterRest(
                                URI.create("http://127.0.0.1:" + server.getAddress().getPort())));
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    @Test
    void aReasonIsToldOnceUntilThereIsAnother() throws Exception {
        job("RUNNING", FULL);
        assertThat(failures.news()).isEmpty();
        job("RESTARTING", "");
        assertThat(failures.news()).as("Flink knows no reason yet").isEmpty();
        job("RESTARTING", FULL);
        assertThat(failures.news())
                .containsExactly(
                        "Job score (1a) is started again, it has failed: /out: expected to write"
                                + " results there, found No space left");
        assertThat(failures.news()).isEmpty();
        job("RUNNING", FULL);
        assertThat(failures.news()).isEmpty();
        job("RESTARTING", FULL);
        assertThat(failures.news()).isEmpty();
        job("RESTARTING", NO_SLOT);
        assertThat(failures.news())
                .containsExactly("Job score (1a) is started again, it has failed: No slots.");
        job("FAILED", DEEP);
        assertThat(failures.news()).containsExactly("Job score (1a) has failed: x is null");
        job("FAILED", BARE);
        assertThat(failures.news())
                .containsExactly(
                        "Job score (1a) has failed: Failed to restore (java.io.EOFException)");
    }

    @Test
    void whereNobodyAnswersNothingIsTold() throws Exception {
        server.stop(0);
        assertThat(failures.news()).isEmpty();
    }

    private void job(String state, String trace) {
        answers.put(
                "/jobs/overview",
                Map.of("jobs", List.of(Map.of("jid", "1a", "name", "score", "state", state))));
        answers.put(
                "/jobs/1a/exceptions",
                Map.of(
                        "exceptionHistory",
                        Map.of("entries", List.of(Map.of("stacktrace", trace)))));
    }
}
