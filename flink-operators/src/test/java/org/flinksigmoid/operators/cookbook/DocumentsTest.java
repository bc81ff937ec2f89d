package org.flinksigmoid.operators.cookbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The documents show what is compiled and run. */
class DocumentsTest {
    private static final Path SOURCES =
            Path.of("src/test/java/org/flinksigmoid/operators/cookbook");
    private static final List<String> RECIPES =
            List.of(
                    "LiveCaptions",
                    "LanguageRouter",
                    "SpamFilter",
                    "NewModelTrial",
                    "Conversations",
                    "Similarity");

    @Test
    void everyRecipeIsASourceWithoutItsImports() throws IOException {
        List<String> blocks = Documents.blocks(Documents.COOKBOOK, "java");
        assertThat(blocks).hasSameSizeAs(RECIPES);
        for (int i = 0; i < blocks.size(); i++) {
            String source = Files.readString(SOURCES.resolve(RECIPES.get(i) + ".java"));
            assertThat(source).endsWith(blocks.get(i));
        }
    }

    @Test
    void everyJavaBlockOfTheReadmeIsCompiled() throws IOException {
        String source = Files.readString(SOURCES.resolve("ReadmeExamples.java"));
        assertThat(Documents.blocks(Documents.README, "java"))
                .hasSize(3)
                .allSatisfy(block -> assertThat(source).containsIgnoringWhitespaces(block.strip()));
    }
}
