package org.flinksigmoid.kernels.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.util.Utils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;

/**
 * A Hugging Face tokenizer.json (WordPiece, BPE, Unigram) through the tokenizers library's native
 * code: with the special tokens that the file asks for, truncated to the model's maximum, never
 * padded, whatever the file says about that. Of a text of more than 128 characters a token, or two
 * million, or more than the file's parts can take in twenty seconds (2048 at least, each), only the
 * beginning is read. Where nothing is left of a text, it is token 0.
 *
 * <p>The native library is inside the dependency's jar and unpacked to a cache folder: {@code
 * .djl.ai} of the home folder, or of the temporary one where home can't be written to, or what the
 * environment variable {@code ENGINE_CACHE_DIR} names. One class loader of a JVM can load it: on a
 * Flink cluster this jar belongs in {@code lib/}. The library asks a cloud's metadata address
 * whether it runs there, unless {@code -Dai.djl.offline=true}.
 */
public final class HuggingFaceEncoder implements TextEncoder {
    private static final char REPLACEMENT = '\uFFFD';

    /** Characters a token that most texts of several tokens stay below. */
    private static final int TYPICAL = 8;

    private static final int LONGEST = TYPICAL * 4 * 4;

    private final HuggingFaceTokenizer tokenizer;
    private final SpecialTokens specialTokens;
    private final int maxTokens;
    private final long longest;

    /**
     * Texts read, closing writes: native code would go on with memory that is no longer its own.
     */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private HuggingFaceEncoder(HuggingFaceTokenizer tokenizer, TokenizerFile file, int maxTokens) {
        this.tokenizer = tokenizer;
        this.specialTokens = file.specialTokens();
        this.maxTokens = maxTokens;
        this.longest = Math.min(atLeast((long) LONGEST * maxTokens), file.longestText());
    }

    /**
     * Loads a tokenizer.json.
     *
     * @param maxTokens where texts are truncated, special tokens included
     * @param vocabularySize rows of the model's embedding table
     * @param padding the token that has no position where it was trained, if there is one
     * @throws CheckpointException if the file is broken, has ids beyond the embedding table, has no
     *     token for what its vocabulary lacks, takes too long for some texts, or has the padding
     *     token in texts that don't spell it
     * @throws IllegalStateException if the native library can't be loaded here, or would come from
     *     a folder of somebody else
     */
    public static HuggingFaceEncoder load(
            Path path, int maxTokens, int vocabularySize, OptionalInt padding) {
        TokenizerFile checked = TokenizerFile.read(path, maxTokens, vocabularySize);
        if (padding.isPresent() && checked.usesUnspelt(padding.getAsInt())) {
            throw new CheckpointException(
                    "config.json",
                    "pad_token_id",
                    "the id of an added token for padding alone, as it has no position",
                    padding.getAsInt() + ", which texts have, too");
        }
        NativeFolder.requireOwn(Utils.getEngineCacheDir());
        NativeFolder.requireOwn(Utils.getEngineCacheDir("tokenizers"));
        // As many as encode may want to see of a piece that ends inside a word.
        String length = Integer.toString(2 * (maxTokens - checked.specialTokens().count()));
        Map<String, String> options =
                Map.of(
                        "addSpecialTokens", "false",
                        "truncation", "true",
                        "stride", "0",
                        "maxLength", length,
                        "modelMaxLength", length,
                        "padding", "false");
        String file = path.getFileName().toString();
        try {
            requireContent(checked, file);
            return new HuggingFaceEncoder(tokenizer(checked.json(), options), checked, maxTokens);
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
            requirePatterns(checked.patterns());
            throw new CheckpointException(
                    file, "", "a tokenizer of the tokenizers library", found(e), e);
        }
    }

    /** Native code doesn't say which one it refuses of a file. */
    private static void requirePatterns(List<TokenizerFile.Pattern> patterns) {
        for (TokenizerFile.Pattern pattern : patterns) {
            try {
                tokenizer(pattern.alone(), Map.of()).close();
            } catch (IOException | RuntimeException e) {
                throw pattern.refusal(found(e), e);
            }
        }
    }

    /** Without line and column, which would be those of what was written anew. */
    private static String found(Exception refusal) {
        return String.valueOf(refusal.getMessage()).replaceFirst(" at line .*", "");
    }

    private static HuggingFaceTokenizer tokenizer(byte[] json, Map<String, String> options)
            throws IOException {
        return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
    }

    /**
     * Native code ends the process where an added token is nothing once it is normalized. Where one
     * that takes the spaces beside it is spaces itself, it takes the square of a text's memory, or
     * ends the process over spaces that another one has taken.
     */
    private static void requireContent(TokenizerFile file, String name) throws IOException {
        requireContent(file.normalizerAlone(false), file.addedTokens().normalized(), name);
        requireContent(file.normalizerAlone(true), file.addedTokens().swallowing(), name);
    }

    private static void requireContent(byte[] normalizerAlone, List<String> tokens, String name)
            throws IOException {
        if (tokens.isEmpty()) {
            return;
        }
        try (HuggingFaceTokenizer normalizer = tokenizer(normalizerAlone, Map.of())) {
            for (String token : tokens) {
                if (normalizer.encode(token, false, false).getIds().length == 0) {
                    throw new CheckpointException(
                            name,
                            "added_tokens.content",
                            "something that the normalizer leaves something of",
                            "what becomes nothing, or spaces with lstrip or rstrip");
                }
            }
        }
    }

    /**
     * Native code tokenizes a whole text before it truncates (seconds for 1 MB), so a long text is
     * read in growing pieces until its tokens are enough: twice as many where a piece may end
     * inside a word, as the word's tokens are others than the part's.
     */
    @Override
    public int[] encode(String text) {
        lock.readLock().lock();
        try {
            return encoded(text);
        } finally {
            lock.readLock().unlock();
        }
    }

    private int[] encoded(String text) {
        int most = maxTokens - specialTokens.count();
        long length = Math.min(longest, atLeast((long) TYPICAL * maxTokens));
        String head = head(text, length);
        long[] ids = tokenize(head);
        while (length < text.length()
                && length < longest
                && ids.length < (endsWithAWord(text, head) ? most : 2 * most)) {
            length = Math.min(longest, 4 * length);
            head = head(text, length);
            ids = tokenize(head);
        }
        IntStream tokens =
                IntStream.concat(
                        specialTokens.before().stream().mapToInt(Integer::intValue),
                        IntStream.concat(
                                Arrays.stream(ids).limit(most).mapToInt(id -> (int) id),
                                specialTokens.after().stream().mapToInt(Integer::intValue)));
        int[] all = tokens.toArray();
        return all.length == 0 ? new int[] {0} : all;
    }

    private long[] tokenize(String text) {
        return tokenizer.encode(wellFormed(text), false, false).getIds();
    }

    /** A word of WordPiece is one unknown token from up to a thousand characters on. */
    private static long atLeast(long characters) {
        return Math.max(characters, TextCost.LEAST);
    }

    private static boolean endsWithAWord(String text, String head) {
        return Character.isWhitespace(text.charAt(head.length()));
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
        lock.writeLock().lock();
        try {
            tokenizer.close();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
