package org.flinksigmoid.kernels.internal.vector;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the Vector API doesn't say of the processor. */
final class Processor {
    /** Linux says there what the processor is; other systems have no such file. */
    private static final Path DESCRIPTION = Path.of("/proc/cpuinfo");

    /** AMD's number of Zen 3 and Zen 4; only the latter has AVX-512. */
    private static final String FAMILY_OF_ZEN_4 = "cpu family\t: 25";

    private Processor() {}

    /**
     * Whether vectors of 512 bits take its units two cycles (Zen 4), so that a product takes twice
     * as long as on others and caches and memory have twice the time to bring its operands.
     */
    static boolean halvesLongVectors() {
        try (BufferedReader lines = Files.newBufferedReader(DESCRIPTION, StandardCharsets.UTF_8)) {
            return halvesLongVectors(lines.lines());
        } catch (IOException | UncheckedIOException e) {
            return false; // it costs speed only
        }
    }

    /** The same of a description's lines, of which those of the first processor count. */
    static boolean halvesLongVectors(Stream<String> description) {
        return description
                .filter(line -> line.startsWith("cpu family"))
                .findFirst()
                .filter(FAMILY_OF_ZEN_4::equals)
                .isPresent();
    }
}
