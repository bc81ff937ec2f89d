package org.flinksigmoid.kernels.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;

/**
 * A Hugging Face tokenizer.json (WordPiece, BPE, Unigram) through the tokenizers library's native
 * code: with the special tokens that the file asks for, truncated to the model's maximum, never
 * padded, whatever the file says about that. Of a text of more than 128 characters a token, or two
 * million, only the beginning is read. Where nothing is left of a text, it is token 0.
 *
 * <p>The native library is inside the dependency's jar and unpacked to a cache folder. One class
 * loader of a JVM can load it: on a Flink cluster this jar belongs in {@code lib/}. The library
 * asks a cloud's metadata address whether it runs there, unless {@code -Dai.djl.offline=true}.
 */
public final class HuggingFaceEncoder implements TextEncoder {
    /** A Tangut letter and a cuneiform sign, which hardly any vocabulary has. */
    private static final String RARE = "\uD81C\uDC00 \uD808\uDC00";

    private static final char REPLACEMENT = '\uFFFD';

    /** Characters a token that most texts of several tokens stay below. */
    private static final int TYPICAL = 8;

    private static final int LONGEST = TYPICAL * 4 * 4;

    private final HuggingFaceTokenizer tokenizer;
    private final int maxTokens;

    private HuggingFaceEncoder(HuggingFaceTokenizer tokenizer, int maxTokens) {
        this.tokenizer = tokenizer;
        this.maxTokens = maxTokens;
    }

    /**
     * Loads a tokenizer.json.
     *
     * @param maxTokens where texts are truncated, special tokens included
     * @param vocabularySize rows of the model's embedding table
     * @throws CheckpointException if the file is broken, has ids beyond the embedding table, or has
     *     no token for what its vocabulary lacks
     * @throws IllegalStateException if the native library can't be loaded here
     */
    public static HuggingFaceEncoder load(Path path, int maxTokens, int vocabularySize) {
        TokenizerFile checked = TokenizerFile.check(path, vocabularySize);
        Map<String, String> options =
                Map.of(
                        "addSpecialTokens", "true",
                        "truncation", "true",
                        "stride", "0",
                        "maxLength", Integer.toString(maxTokens),
                        "modelMaxLength", Integer.toString(maxTokens),
                        "padding", "false");
        String file = path.getFileName().toString();
        try (InputStream in = Files.newInputStream(path)) {
            requireContent(checked, file);
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(in, options);
            requireTokenForUnknown(tokenizer, file);
            return new HuggingFaceEncoder(tokenizer, maxTokens);
        } catch (IOException e) {
            throw new CheckpointException(file, "", "a readable file", e.toString(), e);
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    "The tokenizers library's native code could not be loaded: "
                            + e.getMessage()
                            + ". On a Flink cluster put its jar into lib/, not into the job's jar.",
                    e);
        } catch (CheckpointException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CheckpointException(
                    file, "", "a tokenizer of the tokenizers library", e.getMessage(), e);
        }
    }

    /** Where there is none, native code would throw at the first text that needs it. */
    private static void requireTokenForUnknown(HuggingFaceTokenizer tokenizer, String file) {
        try {
            tokenizer.encode(RARE, true, false);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw new CheckpointException(
                    file, "model", "a token for what the vocabulary lacks", e.getMessage(), e);
        }
    }

    /** Native code ends the process where an added token is nothing once it is normalized. */
    private static void requireContent(TokenizerFile checked, String file) throws IOException {
        if (checked.normalizedTokens().isEmpty()) {
            return;
        }
        InputStream json =
                new ByteArrayInputStream(
                        checked.normalizerAlone().getBytes(StandardCharsets.UTF_8));
        try (HuggingFaceTokenizer normalizer = HuggingFaceTokenizer.newInstance(json, Map.of())) {
            for (String token : checked.normalizedTokens()) {
                if (normalizer.encode(wellFormed(token), false, false).getIds().length == 0) {
                    throw new CheckpointException(
                            file,
                            "added_tokens.content",
                            "something that the normalizer leaves something of",
                            "what becomes nothing");
                }
            }
        }
    }

    /**
     * Native code tokenizes a whole text before it truncates (seconds for 1 MB), so a long text is
     * read in growing pieces until its tokens are enough, and at most {@code LONGEST} characters a
     * token.
     */
    @Override
    public int[] encode(String text) {
        long longest = Math.min((long) LONGEST * maxTokens, 1L << RegexCost.LONGEST_TEXT);
        long length = (long) TYPICAL * maxTokens;
        long[] ids;
        do {
            ids = tokenizer.encode(wellFormed(head(text, length)), true, false).getIds();
            length *= 4;
        } while (ids.length < maxTokens && length / 4 < text.length() && length <= longest);
        if (ids.length == 0) {
            return new int[] {0};
        }
        int[] tokens = new int[Math.min(ids.length, maxTokens)];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (int) ids[i];
        }
        return tokens;
    }

    /** About {@code length} characters, up to where a word ends if one does in the last half. */
    private static String head(String text, long length) {
        if (text.length() <= length) {
            return text;
        }
        int end = (int) length;
        for (int i = end; i > length / 2; i--) {
            if (Character.isWhitespace(text.charAt(i))) {
                return text.substring(0, i);
            }
        }
        return text.substring(0, end);
    }

    /** Native code takes well-formed Unicode only: half a surrogate pair is replaced. */
    static String wellFormed(String text) {
        StringBuilder fixed = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (fixed == null) {
                fixed = new StringBuilder(text);
            }
            fixed.setCharAt(i, REPLACEMENT);
        }
        return fixed == null ? text : fixed.toString();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
