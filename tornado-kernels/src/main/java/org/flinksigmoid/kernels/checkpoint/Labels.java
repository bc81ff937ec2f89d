package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Names of a model's output columns: {@code id2label}, or a vocabulary that maps them to ids. */
final class Labels {
    static final int MOST = 100_000;

    private static final int LONGEST = 1000;
    private static final String KEY = "id2label";
    private static final String VOCABULARY = "vocab.json";

    /** What other tools call CTC's blank, wherever they have it. */
    private static final List<String> BLANKS = List.of("<blank>", "<blk>", "<pad>", "[PAD]");

    /** What fairseq calls it, whose {@code <pad>} is no blank. */
    private static final String FIRST_BLANK = "<s>";

    private Labels() {}

    /** {@code id2label} of config.json, ids 0, 1, ... without a gap; empty where there is none. */
    static List<String> read(ConfigFields config) {
        return config.object(KEY).map(Labels::ofIds).orElse(List.of());
    }

    /**
     * Labels of CTC's columns, the blank first: {@code id2label}, else {@code vocab.json}; empty
     * where there is neither.
     */
    static List<String> readCtc(Path folder, ConfigFields config) {
        List<String> named = read(config);
        if (!named.isEmpty()) {
            requireBlankFirst(ModelConfig.FILE, KEY, named);
            return named;
        }
        List<String> vocabulary = readVocabulary(folder);
        requireBlankFirst(VOCABULARY, "", vocabulary);
        return vocabulary;
    }

    private static void requireBlankFirst(String file, String key, List<String> names) {
        if (names.isEmpty()
                || names.getFirst().equals(FIRST_BLANK)
                || BLANKS.contains(names.getFirst())) {
            return;
        }
        for (String blank : BLANKS) {
            int column = names.indexOf(blank);
            if (column > 0) {
                throw new CheckpointException(
                        file,
                        key,
                        "CTC's blank in column 0",
                        "\"%s\" in column %d".formatted(blank, column));
            }
        }
    }

    private static List<String> ofIds(ConfigFields labels) {
        int count = labels.keys().size();
        requireCount(labels, count);
        List<String> names = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            String key = Integer.toString(id);
            names.add(labels.string(key, 0, LONGEST));
        }
        return names;
    }

    /** {@code vocab.json}: token to id; empty where there is no such file. */
    private static List<String> readVocabulary(Path folder) {
        Path path = folder.resolve(VOCABULARY);
        if (!Files.exists(path)) {
            return List.of();
        }
        ConfigFields vocabulary = ConfigFields.read(path);
        List<String> tokens = vocabulary.keys();
        requireCount(vocabulary, tokens.size());
        List<String> names = new ArrayList<>(Collections.nCopies(tokens.size(), null));
        for (String token : tokens) {
            if (token.length() > LONGEST || !ConfigFields.isUnicode(token)) {
                throw vocabulary.bad(
                        token, "labels of up to %d characters".formatted(LONGEST), "another");
            }
            int id = vocabulary.integer(token, 0, tokens.size() - 1);
            if (names.set(id, token) != null) {
                throw vocabulary.bad(token, "an id of its own", "id " + id + " a second time");
            }
        }
        return names;
    }

    private static void requireCount(ConfigFields fields, int count) {
        if (count > MOST) {
            throw fields.bad("", "at most " + MOST + " labels", Integer.toString(count));
        }
    }
}
