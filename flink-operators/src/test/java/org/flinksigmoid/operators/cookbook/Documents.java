package org.flinksigmoid.operators.cookbook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the module's documents show. */
final class Documents {
    static final Path COOKBOOK = Path.of("COOKBOOK.md");

    static final Path README = Path.of("README.md");

    private static final Pattern BLOCK =
            Pattern.compile("```(java|sql)\\n(.*?)```", Pattern.DOTALL);

    private Documents() {}

    /** Blocks of a language, in order. */
    static List<String> blocks(Path document, String language) throws IOException {
        Matcher matcher = BLOCK.matcher(Files.readString(document));
        List<String> blocks = new ArrayList<>();
        while (matcher.find()) {
            if (matcher.group(1).equals(language)) {
                blocks.add(matcher.group(2));
            }
        }
        return blocks;
    }

    /** Statements of a block of SQL. */
    static List<String> statements(String block) {
        return Arrays.stream(block.split(";"))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }
}
