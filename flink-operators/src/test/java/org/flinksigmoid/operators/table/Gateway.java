package org.flinksigmoid.operators.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A SQL Gateway in a JVM of its own, whose class path is Flink and {@code flink-sigmoid-sql.jar}
 * alone, spoken to over REST. Statements run on an embedded Flink inside the gateway.
 */
final class Gateway implements AutoCloseable {
    private static final Path JAR = Path.of("target/flink-sigmoid-sql.jar").toAbsolutePath();
    private static final Path FLAGS =
            Path.of("../pipelines/src/main/dist/conf/jvm.options").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final Path log;
    private final String address;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private String session;

    private Gateway(Process process, Path log, String address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    /** Starts one and opens a session. */
    static Gateway start(Path folder) throws Exception {
        if (!Files.exists(JAR)) {
            throw new IOException(
                    JAR + ": expected the jar, which Maven makes before integration tests");
        }
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(conf.resolve("config.yaml"), "execution.target: local\n");
        Path log = folder.resolve("gateway.log");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ProcessBuilder builder =
                new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "@" + FLAGS,
                        "-Xmx768m",
                        "-cp",
                        classPath(),
                        "org.apache.flink.table.gateway.SqlGateway",
                        "-Dsql-gateway.endpoint.rest.address=localhost",
                        "-Dsql-gateway.endpoint.rest.port=" + port);
        builder.environment().put("FLINK_CONF_DIR", conf.toString());
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        Gateway gateway =
                new Gateway(builder.start(), log, "http://localhost:" + port + "/v1/sessions");
        try {
            gateway.open();
            return gateway;
        } catch (Exception | AssertionError e) {
            gateway.close();
            throw e;
        }
    }

    /** Our jar, and of the test's class path what Flink brings. */
    private static String classPath() {
        List<String> entries = new ArrayList<>(List.of(JAR.toString()));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            boolean ours =
                    entry.contains("tornado-kernels")
                            || entry.contains("flink-operators")
                            || entry.contains("classes")
                            || entry.contains("fasterxml")
                            || entry.contains("djl");
            if (!ours) {
                entries.add(entry);
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private void open() throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                session = post("", "{}").get("sessionHandle").asText();
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("no gateway: " + Files.readString(log), e);
                }
                Thread.sleep(200);
            }
        }
    }

    /** Runs a statement to its end; its rows, as JSON arrays of the fields. */
    List<JsonNode> run(String statement) throws Exception {
        String body = JsonNodeFactory.instance.objectNode().put("statement", statement).toString();
        String operation =
                post("/" + session + "/statements", body).get("operationHandle").asText();
        String next = "/" + session + "/operations/" + operation + "/result/0?rowFormat=JSON";
        List<JsonNode> rows = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            JsonNode result = send(HttpRequest.newBuilder(URI.create(address + next)).GET());
            result.at("/results/data").forEach(row -> rows.add(row.get("fields")));
            if (result.get("resultType").asText().equals("EOS")) {
                return rows;
            }
            JsonNode uri = result.get("nextResultUri");
            next = uri == null ? next : uri.asText().replaceFirst("^/v[0-9]+/sessions", "");
            Thread.sleep(50);
        }
        throw new IOException("no end of the results of " + statement + ": " + tail());
    }

    private JsonNode post(String path, String body) throws Exception {
        return send(
                HttpRequest.newBuilder(URI.create(address + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private JsonNode send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response =
                client.send(
                        request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(response.body());
        }
        return json.readTree(response.body());
    }

    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
