package org.flinksigmoid.pipelines.cluster;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.flinksigmoid.pipelines.JobEnvironment;

/**
 * State that a job goes on from: a savepoint, or the checkpoint that one left behind which was
 * cancelled, failed or ended with its cluster.
 *
 * @param location as Flink takes it
 * @param partly whether to leave out the state of operators that the job doesn't have
 */
public record Savepoint(String location, boolean partly) {
    private static final String METADATA = "_metadata";

    /**
     * What a user names. A folder on this machine, or the file {@code _metadata} in it, is looked
     * at; what has another scheme, such as {@code s3://}, is left to the cluster.
     *
     * @throws IOException if there is none
     */
    public static Savepoint of(String named, boolean partly) throws IOException {
        if (named.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
            var location = new org.apache.flink.core.fs.Path(named);
            if (!isLocal(location.toUri())) {
                return new Savepoint(named, partly);
            }
            return of(Path.of(location.getPath()), partly);
        }
        return of(Path.of(named).toAbsolutePath(), partly);
    }

    private static Savepoint of(Path path, boolean partly) throws IOException {
        Path metadata = path;
        if (Files.isDirectory(path)) {
            metadata = path.resolve(METADATA);
            if (!Files.exists(metadata)) {
                throw new IOException(
                        "%s: expected a savepoint or a checkpoint, found a folder without %s%s"
                                .formatted(path, METADATA, hint(path)));
            }
        } else if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        } else if (!Files.isRegularFile(path)) { // a pipe could block for ever
            throw new IOException(path + ": expected a folder with _metadata, found what is none");
        }
        read(metadata);
        return new Savepoint(JobEnvironment.checkpointsIn(path), partly);
    }

    /** Those of a folder of several, as a job's is. */
    private static String hint(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            List<String> such =
                    children.filter(child -> Files.exists(child.resolve(METADATA)))
                            .map(child -> child.getFileName().toString())
                            .sorted()
                            .toList();
            return such.isEmpty() ? "" : "; name one of those in it: " + String.join(", ", such);
        }
    }

    private static void read(Path metadata) throws IOException {
        CheckpointMetadata read;
        try (InputStream in = Files.newInputStream(metadata);
                DataInputStream data = new DataInputStream(new BufferedInputStream(in))) {
            read =
                    Checkpoints.loadCheckpointMetadata(
                            data, Savepoint.class.getClassLoader(), metadata.toString());
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    "%s: expected a savepoint or a checkpoint, found what Flink can't read: %s"
                            .formatted(metadata, e.getMessage() == null ? e : e.getMessage()),
                    e);
        }
        for (OperatorState operator : read.getOperatorStates()) {
            for (OperatorSubtaskState subtask : operator.getStates()) {
                for (StateObject state : subtask.getDiscardables()) {
                    requireWhole(metadata, state);
                }
            }
        }
    }

    /** The job would fail at it again and again, without its name where it is cut short. */
    private static void requireWhole(Path metadata, StateObject state) throws IOException {
        StateObject stored =
                switch (state) {
                    case OperatorStateHandle operators -> operators.getDelegateStateHandle();
                    case KeyGroupsStateHandle keyed -> keyed.getDelegateStateHandle();
                    default -> state;
                };
        if (stored instanceof FileStateHandle remote && isLocal(remote.getFilePath().toUri())) {
            Path file = Path.of(remote.getFilePath().getPath());
            long size = Files.exists(file) ? Files.size(file) : 0;
            if (size < remote.getStateSize()) {
                throw new IOException(
                        "%s: expected %d bytes, as %s says, found %s: it is not whole, as where a copy broke off"
                                .formatted(
                                        file,
                                        remote.getStateSize(),
                                        metadata,
                                        Files.exists(file) ? size : "no such file"));
            }
        }
    }

    private static boolean isLocal(URI uri) {
        return uri.getScheme() == null || "file".equals(uri.getScheme().toLowerCase(Locale.ROOT));
    }
}
