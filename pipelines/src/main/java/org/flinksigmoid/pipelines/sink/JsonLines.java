package org.flinksigmoid.pipelines.sink;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.flinksigmoid.pipelines.JobEnvironment;

/** Files with one JSON object a line. */
public final class JsonLines {
    /** As Flink calls the strategy that restarts nothing. */
    private static final Set<String> NEVER = Set.of("none", "off", "disable");

    private JsonLines() {}

    /**
     * How a record becomes a line.
     *
     * @param <T> the record
     */
    @FunctionalInterface
    public interface Encoder<T> extends Function<T, String>, Serializable {}

    /**
     * Writes every record exactly once to {@code folder/DATE/part-*.jsonl}. A file is complete with
     * the checkpoint after its last line, or when the job ends. Where the job begins, the folder
     * must be one that can be written to, or the job fails for good.
     *
     * @throws IllegalArgumentException if its name is none for Flink
     */
    public static <T> void write(DataStream<T> records, Encoder<T> encoder, Path folder) {
        FileSink<String> sink =
                FileSink.forRowFormat(
                                JobEnvironment.inFlink(folder), new SimpleStringEncoder<String>())
                        .withRollingPolicy(OnCheckpointRollingPolicy.build())
                        .withOutputFileConfig(
                                OutputFileConfig.builder().withPartSuffix(".jsonl").build())
                        .build();
        OutputFolder output =
                new OutputFolder(
                        folder.toAbsolutePath().toString(),
                        recovers(records.getExecutionEnvironment()));
        String name = folder.getFileName().toString();
        records.map(encoder::apply)
                .returns(Types.STRING)
                .name(name + ": json")
                .uid(name + "-json")
                .sinkTo(new FolderSink(sink, output))
                .name(name + ": files")
                .uid(name + "-files");
    }

    /** Where nothing is said about restarts, Flink restarts jobs that have checkpoints. */
    private static boolean recovers(StreamExecutionEnvironment env) {
        String restarts =
                env.getConfiguration()
                        .getOptional(RestartStrategyOptions.RESTART_STRATEGY)
                        .orElse("");
        return env.getCheckpointConfig().isCheckpointingEnabled()
                && !NEVER.contains(restarts.toLowerCase(Locale.ROOT));
    }
}
