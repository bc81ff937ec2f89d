package org.flinksigmoid.pipelines.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells of a cluster's jobs that fail, for who watches the cluster: Flink says it in the
 * JobManager's log only, and goes on. What fails again and again for one reason is told once.
 */
public final class JobFailures {
    /**
     * A line of a stack trace that names an exception: its class, behind the classes of those
     * around it, and its message, if it has one.
     */
    private static final Pattern EXCEPTION =
            Pattern.compile(
                    "(?m)^(?:Caused by: )?(?:[\\w.$]+(?:Exception|Error): )*"
                            + "([\\w.$]+(?:Exception|Error))(?:: (.+))?$");

    private final ClusterRest rest;

    /** The state and the reason that were told last of a job, by its id. */
    private final Map<String, String> told = new HashMap<>();

    /** Of the cluster that answers there. */
    public JobFailures(ClusterRest rest) {
        this.rest = rest;
    }

    /** What is to be told since the last time; nothing where nobody answers. */
    public List<String> news() throws InterruptedException {
        List<String> news = new ArrayList<>();
        try {
            for (JsonNode job : rest.get("/jobs/overview").path("jobs")) {
                String id = job.path("jid").asText();
                String outcome = outcome(job.path("state").asText());
                String reason = outcome.isEmpty() ? "" : reason(id);
                String failure = outcome + ": " + reason;
                if (!reason.isEmpty() && !failure.equals(told.put(id, failure))) {
                    news.add("Job %s (%s) %s".formatted(job.path("name").asText(), id, failure));
                }
            }
        } catch (IOException e) {
            return news; // the JobManager is starting, or ending, and its log says why
        }
        return news;
    }

    private static String outcome(String state) {
        return switch (state) {
            case "RESTARTING" -> "is started again, it has failed";
            case "FAILED" -> "has failed";
            default -> "";
        };
    }

    /**
     * The first refusal of ours in the trace, or what its deepest cause says, with those below it
     * that say nothing; empty where Flink does not tell it yet, which takes it seconds.
     */
    private String reason(String id) throws IOException, InterruptedException {
        String trace =
                rest.get("/jobs/" + id + "/exceptions")
                        .at("/exceptionHistory/entries/0/stacktrace")
                        .asText();
        String reason = "";
        Matcher exception = EXCEPTION.matcher(trace);
        while (exception.find() && !reason.contains(": expected ")) {
            reason =
                    exception.group(2) == null
                            ? "%s (%s)".formatted(reason, exception.group(1)).strip()
                            : exception.group(2);
        }
        return reason.isEmpty() ? trace.lines().findFirst().orElse("") : reason;
    }
}
