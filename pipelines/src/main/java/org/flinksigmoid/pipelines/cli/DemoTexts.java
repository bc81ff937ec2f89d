package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The demo's texts: lines of JSON with a key that says which model scores them.
 *
 * @param file where they are
 * @param texts in the file's order
 */
record DemoTexts(Path file, List<Text> texts) {
    /** Key of texts whose language is asked for. */
    static final String LANGUAGE = "language";

    /** Key of mails. */
    static final String MAIL = "mail";

    private static final ObjectMapper JSON = new ObjectMapper();

    record Text(String key, String text) {}

    static DemoTexts bundled() throws IOException {
        Path file = Home.folder().resolve("demo/texts.jsonl");
        List<Text> texts = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode object = JSON.readTree(line);
            texts.add(new Text(object.path("key").asText(), object.path("text").asText()));
        }
        return new DemoTexts(file, List.copyOf(texts));
    }

    long count(String key) {
        return texts.stream().filter(text -> text.key().equals(key)).count();
    }

    /** The text of the line with that number, counted from 1. */
    String text(String number) {
        return texts.get(Integer.parseInt(number) - 1).text();
    }
}
