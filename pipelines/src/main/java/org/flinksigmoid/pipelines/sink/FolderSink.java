package org.flinksigmoid.pipelines.sink;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.SupportsConcurrentExecutionAttempts;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.sink.FileSinkCommittable;
import org.apache.flink.connector.file.sink.writer.FileWriter;
import org.apache.flink.connector.file.sink.writer.FileWriterBucketState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Flink's file sink, whose failures name the folder. A job that begins where it may not write fails
 * for good, or Flink would start it again for ever. What comes later, such as a full disk, may
 * pass, and the job has a checkpoint to lose: it is restarted as the cluster is told to.
 */
final class FolderSink
        implements Sink<String>,
                SupportsWriterState<String, FileWriterBucketState>,
                SupportsCommitter<FileSinkCommittable>,
                SupportsConcurrentExecutionAttempts {
    private static final long serialVersionUID = 1;

    private final FileSink<String> files;
    private final OutputFolder folder;

    FolderSink(FileSink<String> files, OutputFolder folder) {
        this.files = files;
        this.folder = folder;
    }

    @Override
    public StatefulSinkWriter<String, FileWriterBucketState> createWriter(WriterInitContext context)
            throws IOException {
        try {
            folder.create();
        } catch (IOException e) {
            if (folder.isRefused()) {
                throw new SuppressRestartsException(e);
            }
            throw e;
        }
        return new Writer(files.createWriter(context), folder);
    }

    @Override
    public StatefulSinkWriter<String, FileWriterBucketState> restoreWriter(
            WriterInitContext context, Collection<FileWriterBucketState> state) throws IOException {
        folder.create();
        try {
            return new Writer(files.restoreWriter(context, state), folder);
        } catch (IOException e) {
            throw folder.failure(e);
        }
    }

    @Override
    public SimpleVersionedSerializer<FileWriterBucketState> getWriterStateSerializer() {
        return files.getWriterStateSerializer();
    }

    @Override
    public Committer<FileSinkCommittable> createCommitter(CommitterInitContext context)
            throws IOException {
        return new NamedCommitter(
                files.createCommitter(context),
                folder,
                context.getRestoredCheckpointId().isPresent());
    }

    @Override
    public SimpleVersionedSerializer<FileSinkCommittable> getCommittableSerializer() {
        return files.getCommittableSerializer();
    }

    private record Writer(FileWriter<String> files, OutputFolder folder)
            implements StatefulSinkWriter<String, FileWriterBucketState>,
                    CommittingSinkWriter<String, FileSinkCommittable> {
        @Override
        public void write(String line, Context context) throws IOException, InterruptedException {
            try {
                files.write(line, context);
            } catch (IOException e) {
                throw folder.failure(e);
            }
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            try {
                files.flush(endOfInput);
            } catch (IOException e) {
                throw folder.failure(e);
            }
        }

        @Override
        public Collection<FileSinkCommittable> prepareCommit() throws IOException {
            try {
                Collection<FileSinkCommittable> written = files.prepareCommit();
                requireLinesOf(written);
                return written;
            } catch (IOException e) {
                throw folder.failure(e);
            }
        }

        @Override
        public List<FileWriterBucketState> snapshotState(long checkpoint) throws IOException {
            try {
                return files.snapshotState(checkpoint);
            } catch (IOException e) {
                throw folder.failure(e);
            }
        }

        @Override
        public void close() {
            files.close();
        }
    }

    private static void requireLinesOf(Collection<FileSinkCommittable> written) throws IOException {
        for (FileSinkCommittable each : written) {
            if (each.hasPendingFile()) {
                OutputFolder.requireLinesOf(each.getPendingFile().getPath().getPath());
            }
        }
    }

    /**
     * Completes files.
     *
     * @param restored whether some may be complete, and taken away, from before a failure
     */
    @SuppressWarnings("try") // as Flink's interface has it, close may be interrupted
    private record NamedCommitter(
            Committer<FileSinkCommittable> files, OutputFolder folder, boolean restored)
            implements Committer<FileSinkCommittable> {
        @Override
        public void commit(Collection<CommitRequest<FileSinkCommittable>> requests)
                throws IOException, InterruptedException {
            try {
                if (!restored) {
                    requireLinesOf(requests.stream().map(CommitRequest::getCommittable).toList());
                }
                files.commit(requests);
            } catch (IOException e) {
                throw folder.failure(e);
            }
        }

        @Override
        public void close() throws Exception {
            files.close();
        }
    }
}
