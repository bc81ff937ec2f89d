package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import org.apache.flink.util.ExceptionUtils;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void aRefusedCheckpointSaysWhyAndNotItsClass() {
        var refused = new CheckpointException("config.json", "", "a JSON file", "no such file");
        assertThat(Failures.describe(new RuntimeException("Job execution failed.", refused)))
                .isEqualTo("config.json: expected a JSON file, found no such file");
    }

    @Test
    void aRefusalSaysMoreThanItsCause() {
        Exception cause = new RuntimeException("Unexpected character ('x' (code 120))");
        var refused = new CheckpointException("config.json", "", "JSON", "an x", cause);
        assertThat(Failures.describe(new RuntimeException("Job execution failed.", refused)))
                .isEqualTo("config.json: expected JSON, found an x");
        assertThat(Failures.describe(new IllegalArgumentException("--sessions: expected", cause)))
                .isEqualTo("--sessions: expected");
        Exception full = new IOException("No space left on device");
        assertThat(Failures.describe(new IOException("/out: expected room", full)))
                .isEqualTo("/out: expected room");
    }

    @Test
    void aClassIsNamedWhereAMessageMystifies() {
        assertThat(Failures.describe(new IndexOutOfBoundsException("Index 3")))
                .isEqualTo("Index 3 (java.lang.IndexOutOfBoundsException)");
        Exception bare = new Exception("Recovery is suppressed", new IllegalArgumentException());
        assertThat(Failures.describe(new Exception("Job execution failed.", bare)))
                .isEqualTo("Recovery is suppressed (java.lang.IllegalArgumentException)");
        assertThat(Failures.describe(new NoSuchFileException("a.wav")))
                .isEqualTo("a.wav: no such file or folder");
        assertThat(Failures.describe(new AccessDeniedException("a.wav"))).startsWith("a.wav: ex");
        assertThat(Failures.describe(new FileAlreadyExistsException("out")))
                .isEqualTo("out: expected a folder, found a file");
    }

    @Test
    void aNameThatJavaCouldNotReadIsCalledSo() {
        assertThat(Failures.describe(new NoSuchFileException("gr\uFFFDn.wav")))
                .isEqualTo(
                        "gr\uFFFDn.wav: no such file or folder; its name can't be used, it has"
                                + " characters that are not UTF-8: rename it");
    }

    @Test
    void aFullHeapIsSaidWithWhatToDoUnlessFlinkSaysIt() {
        OutOfMemoryError error = new OutOfMemoryError("Java heap space");
        assertThat(Failures.describe(error))
                .startsWith("Java heap space: expected room for the job")
                .contains("FLINK_SIGMOID_JAVA_OPTS=-Xmx");
        ExceptionUtils.tryEnrichOutOfMemoryError(error, "", "", "what to do");
        assertThat(Failures.describe(error)).isEqualTo("what to do");
    }

    @Test
    void aFullDiskIsSaidWithTheFolderThatItMayBeOf() {
        Exception failure = new Exception("job", new IOException("No space left on device"));
        assertThat(Failures.describe(failure))
                .isEqualTo(
                        "No space left on device: make room, or set"
                                + " FLINK_SIGMOID_JAVA_OPTS=-Djava.io.tmpdir=DIR if it is that of "
                                + System.getProperty("java.io.tmpdir"));
    }

    /** It read as if there were too little memory. */
    @Test
    void aSystemThatAllowsNoMoreThreadsIsNotCalledShortOfMemory() {
        OutOfMemoryError error =
                new OutOfMemoryError(
                        "unable to create native thread: possibly out of memory or process/resource"
                                + " limits reached");
        assertThat(Failures.describe(new RuntimeException("Could not start the JobMaster.", error)))
                .startsWith("threads: expected room for those of a job")
                .contains("ulimit -u");
    }

    @Test
    void aSavepointOfAnotherJobIsCalledSo() {
        Exception flinks =
                new IllegalStateException(
                        "Failed to rollback to checkpoint/savepoint file:/a b/chk-1. Cannot map"
                                + " checkpoint/savepoint state for operator 3b011cc8 to the new"
                                + " program, because the operator is not available in the new"
                                + " program.");
        assertThat(Failures.describe(new Exception("Could not start the JobMaster.", flinks)))
                .startsWith(
                        "file:/a b/chk-1: expected state of this job, found some of an operator")
                .contains("(3b011cc8)", "--allow-non-restored-state");
    }
}
