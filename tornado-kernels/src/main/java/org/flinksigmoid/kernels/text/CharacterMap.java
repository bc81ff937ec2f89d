package org.flinksigmoid.kernels.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;

/**
 * SentencePiece's map of characters, {@code precompiled_charsmap}: a trie in an array (darts-clone)
 * and the texts that its leaves point to. Native code follows it without a look at its borders.
 */
final class CharacterMap {
    private static final int LONGEST_TEXT = 1000;

    private final int[] units;
    private final ByteBuffer texts;
    private int longestText;

    private CharacterMap(int[] units, ByteBuffer texts) {
        this.units = units;
        this.texts = texts;
    }

    /** The map, if every text can be mapped with it. */
    static Optional<CharacterMap> read(String base64) {
        try {
            byte[] decoded = Base64.getDecoder().decode(base64);
            boolean canonical = Base64.getEncoder().encodeToString(decoded).equals(base64);
            if (!canonical || decoded.length < Integer.BYTES) {
                return Optional.empty();
            }
            ByteBuffer bytes = ByteBuffer.wrap(decoded).order(ByteOrder.LITTLE_ENDIAN);
            int size = bytes.getInt();
            if (size < Integer.BYTES || size % Integer.BYTES != 0 || size > bytes.remaining()) {
                return Optional.empty();
            }
            int[] units = new int[size / Integer.BYTES];
            bytes.asIntBuffer().get(units);
            ByteBuffer texts = bytes.position(Integer.BYTES + size).slice();
            StandardCharsets.UTF_8.newDecoder().decode(texts.duplicate());
            CharacterMap map = new CharacterMap(units, texts);
            return map.holds() ? Optional.of(map) : Optional.empty();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Follows every byte from every place that can be reached. */
    private boolean holds() {
        BitSet reached = new BitSet(units.length);
        Deque<Integer> open = new ArrayDeque<>();
        open.add(offset(units[0]));
        while (!open.isEmpty()) {
            int place = open.remove();
            if ((place | 0xff) >= units.length) {
                return false;
            }
            if (reached.get(place)) {
                continue;
            }
            reached.set(place);
            for (int label = 1; label <= 0xff; label++) {
                int next = place ^ label;
                int unit = units[next];
                if ((unit & 0x800000ff) == label) {
                    int child = next ^ offset(unit);
                    if (child >= units.length || isLeaf(unit) && !pointsWell(child)) {
                        return false;
                    }
                    open.add(child);
                }
            }
        }
        return true;
    }

    /** Characters that one may become. */
    int longestText() {
        return longestText;
    }

    private boolean pointsWell(int leaf) {
        int value = units[leaf] & 0x7fffffff;
        if (value > texts.limit() || value < texts.limit() && (texts.get(value) & 0xc0) == 0x80) {
            return false;
        }
        int characters = 0;
        for (int i = value; i < texts.limit() && texts.get(i) != 0; i++) {
            characters += (texts.get(i) & 0xc0) == 0x80 ? 0 : 1;
            if (characters > LONGEST_TEXT) {
                return false;
            }
        }
        longestText = Math.max(longestText, characters);
        return true;
    }

    private static boolean isLeaf(int unit) {
        return (unit >> 8 & 1) == 1;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >> 6);
    }
}
