package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Maven runs the tests of classes that are called as it expects, and says nothing of others. */
class TestNamesTest {
    private static final Pattern TEST =
            Pattern.compile(
                    "^ +@(Test|TestFactory|ParameterizedTest|Property|ArchTest)\\b",
                    Pattern.MULTILINE);

    @Test
    void everyClassWithTestsIsRunByMaven() throws IOException {
        List<String> names = new ArrayList<>();
        for (String module : List.of("tornado-kernels", "flink-operators", "pipelines")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src"))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    if (TEST.matcher(Files.readString(file)).find()) {
                        names.add(file.getFileName().toString());
                    }
                }
            }
        }
        assertThat(names)
                .hasSizeGreaterThan(100)
                .allMatch(name -> name.matches(".*(Test|ITCase)[.]java"));
    }
}
