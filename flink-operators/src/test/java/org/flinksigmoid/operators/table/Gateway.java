package org.flinksigmoid.operators.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;
import org.apache.flink.table.gateway.SqlGateway;

/**
 * A SQL Gateway, spoken to over REST, and the session cluster that it submits to, a JobManager and
 * a TaskManager: three JVMs, whose class path is Flink and {@code flink-sigmoid-sql.jar} alone.
 */
final class Gateway implements AutoCloseable {
    private static final Path JAR = Path.of("target/flink-sigmoid-sql.jar").toAbsolutePath();
    private static final Path FLAGS =
            Path.of("../pipelines/src/main/dist/conf/jvm.options").toAbsolutePath();
    private static final Random RANDOM = new Random();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final String address;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private String session;

    private Gateway(Path folder, String address) {
        this.folder = folder;
        this.address = address;
    }

    /** Starts all three and opens a session. */
    static Gateway start(Path folder) throws Exception {
        if (!Files.exists(JAR)) {
            throw new IOException(
                    JAR + ": expected the jar, which Maven makes before integration tests");
        }
        int port = freePort();
        Gateway gateway = new Gateway(folder, "http://localhost:" + port + "/v1/sessions");
        try {
            gateway.startCluster();
            gateway.launch(
                    SqlGateway.class,
                    List.of("-Xmx512m"),
                    "-Dsql-gateway.endpoint.rest.address=localhost",
                    "-Dsql-gateway.endpoint.rest.port=" + port);
            gateway.open();
            return gateway;
        } catch (Exception | AssertionError e) {
            gateway.close();
            throw e;
        }
    }

    private void startCluster() throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.write(
                conf.resolve("config.yaml"),
                List.of(
                        "execution.target: remote",
                        "jobmanager.rpc.address: localhost",
                        "jobmanager.rpc.port: " + freePort(),
                        "taskmanager.host: localhost",
                        "rest.address: localhost",
                        "rest.port: " + freePort(),
                        "io.tmp.dirs: " + folder));
        launch(
                StandaloneSessionClusterEntrypoint.class,
                List.of("-Xmx512m"),
                "--configDir",
                conf.toString());
        Configuration memory = new Configuration();
        memory.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, MemorySize.ofMebiBytes(1024));
        memory.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        TaskExecutorProcessSpec parts = TaskExecutorProcessUtils.processSpecFromConfig(memory);
        List<String> arguments = new ArrayList<>(List.of("--configDir", conf.toString()));
        arguments.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(parts)));
        launch(
                TaskManagerRunner.class,
                words(ProcessMemoryUtils.generateJvmParametersStr(parts)),
                arguments.toArray(String[]::new));
    }

    private static List<String> words(String text) {
        return List.of(text.trim().split(" +"));
    }

    /** Below those that systems give to whoever asks for any: none is taken until we bind it. */
    private static int freePort() throws IOException {
        while (true) {
            int port = 10_000 + RANDOM.nextInt(20_000);
            try (ServerSocket free = new ServerSocket(port)) {
                return free.getLocalPort();
            } catch (BindException e) {
                // Another, then.
            }
        }
    }

    private void launch(Class<?> main, List<String> flags, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("@" + FLAGS);
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("FLINK_CONF_DIR", folder.resolve("conf").toString());
        Path log = folder.resolve(main.getSimpleName() + ".log");
        processes.add(builder.redirectErrorStream(true).redirectOutput(log.toFile()).start());
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
                boolean allRun = processes.stream().allMatch(Process::isAlive);
                if (!allRun || System.nanoTime() > deadline) {
                    throw new IOException("no gateway: " + tail(), e);
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
        StringBuilder text = new StringBuilder();
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(folder, "*.log")) {
            for (Path log : logs) {
                List<String> lines = Files.readAllLines(log);
                text.append(log).append('\n');
                lines.subList(Math.max(0, lines.size() - 40), lines.size())
                        .forEach(line -> text.append(line).append('\n'));
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws Exception {
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
