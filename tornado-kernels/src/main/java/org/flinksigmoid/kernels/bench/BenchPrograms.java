package org.flinksigmoid.kernels.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Programs that a bench starts: JVMs, and Python for its peers in PyTorch. */
final class BenchPrograms {
    private static final int LAST_LINES = 12;

    private final String python;
    private final Path folder;
    private final Consumer<String> progress;
    private final List<String> notes = new ArrayList<>();

    /**
     * None yet.
     *
     * @param python interpreter that may have PyTorch
     * @param folder for temporary files, which stay there
     * @param progress told of each step
     */
    BenchPrograms(String python, Path folder, Consumer<String> progress) {
        this.python = python;
        this.folder = folder;
        this.progress = progress;
    }

    Path folder() {
        return folder;
    }

    /** What could not be measured, and why. */
    List<String> notes() {
        return notes;
    }

    /**
     * The command that runs a script which lies beside this class; empty, with a note, where Python
     * has no PyTorch that sees a GPU.
     */
    Optional<List<String>> torch(String script) throws IOException, InterruptedException {
        if (!isProgram(python)
                || new ProcessBuilder(
                                        python,
                                        "-c",
                                        "import torch; assert torch.cuda.is_available()")
                                .redirectErrorStream(true)
                                .redirectOutput(folder.resolve("torch.txt").toFile())
                                .start()
                                .waitFor()
                        != 0) {
            notes.add("%s has no PyTorch that sees a GPU: no peers".formatted(python));
            return Optional.empty();
        }
        Path file = folder.resolve(script);
        try (InputStream text = BenchPrograms.class.getResourceAsStream(script)) {
            Files.write(file, text.readAllBytes());
        }
        return Optional.of(List.of(python, file.toString()));
    }

    /**
     * Runs a program and returns the lines of its output that are JSON objects, each of which is
     * progress, too. Lines that begin with {@code note: } are notes.
     *
     * @throws IllegalStateException if it fails, with the last other lines
     */
    List<String> call(String what, List<String> command) throws IOException, InterruptedException {
        progress.accept(what);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> objects = new ArrayList<>();
        List<String> last = new ArrayList<>();
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("{")) {
                    objects.add(line);
                    progress.accept(line);
                } else if (line.startsWith("note: ")) {
                    notes.add(line.substring(6));
                } else {
                    last.add(line);
                    if (last.size() > LAST_LINES) {
                        last.removeFirst();
                    }
                }
            }
        } finally {
            process.destroy();
        }
        int status = process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
        if (status != 0) {
            throw new IllegalStateException(
                    "%s: %s ended with status %d:%n%s"
                            .formatted(
                                    what,
                                    command.getFirst(),
                                    status,
                                    String.join(System.lineSeparator(), last)));
        }
        return objects;
    }

    /** Whether it can be run: found on the path, or where it says itself. */
    static boolean isProgram(String program) {
        if (program.contains("/")) {
            return Files.isExecutable(Path.of(program));
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
