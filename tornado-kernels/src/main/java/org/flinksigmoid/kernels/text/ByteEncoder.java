package org.flinksigmoid.kernels.text;

import java.nio.charset.StandardCharsets;

/**
 * Token id = value of a UTF-8 byte, 0 to 255, cut at a number of bytes (which may cut a character).
 * An empty text becomes one space. What is not well-formed Unicode becomes {@code ?}, as {@link
 * String#getBytes} has it.
 */
public final class ByteEncoder implements TextEncoder {
    private final int maxTokens;

    /**
     * Cuts at {@code maxTokens} bytes.
     *
     * @throws IllegalArgumentException if that is not at least 1
     */
    public ByteEncoder(int maxTokens) {
        if (maxTokens < 1) {
            throw new IllegalArgumentException(
                    "maximum of tokens: expected >= 1, found " + maxTokens);
        }
        this.maxTokens = maxTokens;
    }

    @Override
    public int[] encode(String text) {
        if (text.isEmpty()) {
            return new int[] {' '};
        }
        // A char is at least one byte: no need to encode more of a long text than can be used, and
        // one char more keeps the first byte of a surrogate pair that stands across the cut.
        String head = text.length() > maxTokens ? text.substring(0, maxTokens + 1) : text;
        byte[] bytes = head.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[Math.min(bytes.length, maxTokens)];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Byte.toUnsignedInt(bytes[i]);
        }
        return ids;
    }

    @Override
    public void close() {}
}
