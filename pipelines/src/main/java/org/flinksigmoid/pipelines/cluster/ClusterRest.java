package org.flinksigmoid.pipelines.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a JobManager through its REST interface. */
public final class ClusterRest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final URI address;

    /**
     * @param address such as {@code http://localhost:8081}
     */
    public ClusterRest(URI address) {
        this.address = address;
    }

    /**
     * What stands at a path, such as {@code /overview}.
     *
     * @throws IOException if nobody answers, or not with JSON
     */
    public JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address.resolve(path)).timeout(PATIENCE).GET().build();
        HttpResponse<String> response;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw new IOException(address + ": expected a JobManager, nobody answers");
        }
        if (response.statusCode() != 200) {
            throw new IOException(
                    "%s: expected 200, found %d: %s"
                            .formatted(request.uri(), response.statusCode(), response.body()));
        }
        return JSON.readTree(response.body());
    }

    /** Slots of the TaskManagers that have registered; 0 while nobody answers. */
    int slots() throws InterruptedException {
        try {
            return get("/overview").path("slots-total").asInt();
        } catch (IOException e) {
            return 0; // the JobManager is starting
        }
    }
}
