package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationFactory;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the command line's users see of a log. */
class LogLinesTest {
    private static final String ERRORS = "flinksigmoid.log.errors";

    private final Exception failure =
            new IllegalStateException("no threads", new RuntimeException("system"));

    @AfterEach
    void forget() {
        System.clearProperty(ERRORS);
    }

    @Test
    void aFailureOfFlinksIsALineAndNoStackTrace() {
        assertThat(logged(failure)).endsWith(" ERROR Task - it fails: no threads\n");
        assertThat(logged(null)).endsWith(" ERROR Task - it fails\n");
    }

    @Test
    void stackTracesArePrintedToWhoAsks() {
        System.setProperty(ERRORS, "full");
        assertThat(logged(failure))
                .contains(
                        " ERROR Task - it fails\n"
                                + "java.lang.IllegalStateException: no threads\n"
                                + "\tat ")
                .contains("Caused by: java.lang.RuntimeException: system\n");
        assertThat(logged(null)).endsWith(" ERROR Task - it fails\n");
    }

    private static String logged(Exception failure) {
        try (LoggerContext context = new LoggerContext("log lines")) {
            Configuration read =
                    ConfigurationFactory.getInstance()
                            .getConfiguration(
                                    context,
                                    "log lines",
                                    Path.of("src/main/dist/conf/log4j2.properties").toUri());
            read.initialize();
            return read.getAppender("stderr")
                    .getLayout()
                    .toSerializable(
                            Log4jLogEvent.newBuilder()
                                    .setLoggerName("org.apache.flink.Task")
                                    .setLevel(Level.ERROR)
                                    .setMessage(new SimpleMessage("it fails"))
                                    .setThrown(failure)
                                    .build())
                    .toString();
        }
    }
}
