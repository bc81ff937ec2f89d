package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CharacterMapTest {
    private static final int UNITS = 512;
    private static final int LEAF = 0x161;

    /** Maps {@code a} to {@code b}. */
    static String sound() {
        return map(bytes());
    }

    private static ByteBuffer bytes() {
        return bytes("b\0é\0");
    }

    private static ByteBuffer bytes(String mapped) {
        byte[] texts = mapped.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(4 + 4 * UNITS + texts.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(4 * UNITS);
        bytes.put(4 + 4 * UNITS, texts);
        return put(put(bytes, 'a', 'a' | 1 << 8 | ('a' ^ LEAF) << 10), LEAF, 0);
    }

    private static ByteBuffer put(ByteBuffer bytes, int place, int unit) {
        return bytes.putInt(4 + 4 * place, unit);
    }

    private static String map(ByteBuffer bytes) {
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    @Test
    void aMapWhoseEveryPathStaysInsideIsSound() {
        assertThat(CharacterMap.read(sound())).isPresent();
        assertThat(CharacterMap.read(map(put(bytes(), LEAF, 5)))).isPresent(); // an empty text
    }

    @Test
    void aMapThatLeadsOutsideIsNot() {
        assertThat(CharacterMap.read(map(put(bytes(), 0, UNITS << 10)))).isEmpty();
        assertThat(CharacterMap.read(map(put(bytes(), 'a', 'a' | UNITS << 10)))).isEmpty();
        assertThat(CharacterMap.read(map(put(bytes(), LEAF, 6)))).isEmpty();
        assertThat(CharacterMap.read(map(put(bytes(), LEAF, 3)))).isEmpty(); // inside é
    }

    @Test
    void theLongestTextOfACharacterIsKnown() {
        assertThat(CharacterMap.read(sound()).orElseThrow().longestText()).isEqualTo(1);
        assertThat(CharacterMap.read(map(bytes("é".repeat(18)))).orElseThrow().longestText())
                .isEqualTo(18);
        assertThat(CharacterMap.read(map(bytes("x".repeat(1 << 20))))).isEmpty();
    }

    @Test
    void whatIsNoMapIsNot() {
        assertThat(CharacterMap.read("")).isEmpty();
        assertThat(CharacterMap.read("AAAA")).isEmpty();
        assertThat(CharacterMap.read("AAAAAA==")).isEmpty();
        assertThat(CharacterMap.read("no base64")).isEmpty();
        assertThat(CharacterMap.read(map(bytes().putInt(0, 4 * UNITS + 100)))).isEmpty();
        assertThat(CharacterMap.read(map(bytes().putInt(0, -4)))).isEmpty();
        assertThat(CharacterMap.read(map(bytes().put(4 + 4 * UNITS, (byte) 0xff)))).isEmpty();
    }

    @Test
    void aDamagedMapHasAnAnswer() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            ByteBuffer bytes = bytes();
            bytes.put(random.nextInt(bytes.capacity()), (byte) random.nextInt(256));
            put(bytes, 'a', random.nextInt());
            CharacterMap.read(map(bytes));
        }
    }
}
