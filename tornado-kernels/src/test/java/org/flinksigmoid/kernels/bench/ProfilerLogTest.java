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
        return "\"%d\",\"77\",\"attend(long long *, int)\",\"%s\",\"ns\",\"%s\""
                .formatted(launch, metric, value);
    }

    private ProfilerLog log(String... durations) throws Exception {
        List<String> lines = new ArrayList<>();
        lines.add("==PROF== Connected to process 77");
        lines.add(
                "\"ID\",\"Process ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric"
                        + " Value\"");
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
    void aMissingLaunchIsAnError() throws Exception {
        var log = log("1", "2", "3");
        assertThatThrownBy(() -> log.medians(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected 4 launches")
                .hasMessageContaining("found 3");
    }
}
