package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A vector that C2 fails to keep in registers is boxed, and boxes are allocations: once compiled, a
 * kernel's calls must allocate nothing but their results. Asked of JVMs that run nothing else, with
 * no flag but the module's, and of one with the product's, several at a time: it is when compilers
 * fall behind that C2 meets methods in an order in which it once boxed.
 */
class AllocationTest {
    /** The array of results and what the JVM rounds up. */
    static final long SLACK = 256;

    @TempDir private Path folder;

    @Test
    void kernelsAllocateNothingInPlainJvmsSideBySide() throws Exception {
        List<Process> jvms = new ArrayList<>();
        jvms.add(start(0));
        jvms.add(start(1));
        jvms.add(start(2, "-XX:MaxVectorSize=32"));
        jvms.add(start(3, "@../pipelines/src/main/dist/conf/jvm.options"));
        for (int i = 0; i < jvms.size(); i++) {
            jvms.get(i).waitFor();
            List<String> lines = Files.readAllLines(output(i));
            assertThat(lines).as("what JVM %d said", i).endsWith("done").hasSize(13);
            assertThat(lines.subList(0, 12))
                    .as("bytes a call in JVM %d", i)
                    .allSatisfy(line -> assertThat(bytes(line)).isBetween(0L, SLACK));
        }
    }

    private Process start(int number, String... flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules=jdk.incubator.vector", "-Xmx256m"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(AllocationProbe.class.getName());
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(output(number).toFile())
                .start();
    }

    private Path output(int number) {
        return folder.resolve("jvm-" + number);
    }

    private static long bytes(String line) {
        return Long.parseLong(line.substring(0, line.indexOf(' ')));
    }
}
