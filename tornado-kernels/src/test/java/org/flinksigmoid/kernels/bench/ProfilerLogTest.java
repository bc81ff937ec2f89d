package org.flinksigmoid.kernels.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilerLogTest {
    @TempDir private Path folder;

    private static String line(int launch, String metric, String value) {
        return line(launch, "attend(long long *, int)", metric, value);
    }

    private static String line(int launch, String kernel, String metric, String value) {
        return "\"%d\",\"77\",\"%s\",\"%s\",\"ns\",\"%s\"".formatted(launch, kernel, metric, value);
    }

    private static List<String> head() {
        return new ArrayList<>(
                List.of(
                        "==PROF== Connected to process 77",
                        "\"ID\",\"Process ID\",\"Kernel Name\",\"Metric Name\",\"Metric"
                                + " Unit\",\"Metric Value\""));
    }

    private ProfilerLog log(String... durations) throws Exception {
        List<String> lines = head();
        for (int i = 0; i < durations.length; i++) {
            lines.add(line(i, ProfilerLog.DURATION, durations[i]));
            lines.add(line(i, "issue", "40.5"));
        }
        return ProfilerLog.read(Files.write(folder.resolve("log.csv"), lines));
    }

    @Test
    void theFirstLaunchOfEachGroupDoesNotCount() throws Exception {
        var log = log("9,999", "1,200", "1,000", "1,100", "50,000", "7", "9", "8");
        assertThat(log.medians(2))
                .containsExactly(
                        Map.of(ProfilerLog.DURATION, 1100.0, "issue", 40.5),
                        Map.of(ProfilerLog.DURATION, 8.0, "issue", 40.5));
    }

    @Test
    void aLaunchOfTwoKernelsTakesWhatBothTake() throws Exception {
        List<String> lines = head();
        for (int launch = 0; launch < 2 * ProfilerLog.LAUNCHES; launch += 2) {
            lines.add(line(launch, "flash_fwd_splitkv_kernel", ProfilerLog.DURATION, "900"));
            lines.add(
                    line(
                            launch + 1,
                            "flash_fwd_splitkv_combine_kernel",
                            ProfilerLog.DURATION,
                            "80"));
        }
        var log = ProfilerLog.read(Files.write(folder.resolve("log.csv"), lines));
        assertThat(log.medians(1)).containsExactly(Map.of(ProfilerLog.DURATION, 980.0));
    }

    @Test
    void aMissingLaunchIsAnError() throws Exception {
        var log = log("1", "2", "3");
        assertThatThrownBy(() -> log.medians(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected 4 launches")
                .hasMessageContaining("found 3");
    }
}
