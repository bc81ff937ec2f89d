package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ByteEncoderTest {
    @Property(tries = 500, seed = "20261201")
    void tokensAreTheFirstBytesOfTheText(
            @ForAll String text, @ForAll @IntRange(min = 1, max = 40) int most) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new ByteEncoder(most).encode(text);
        if (bytes.length == 0) {
            assertThat(tokens).containsExactly(' ');
            return;
        }
        assertThat(tokens).hasSize(Math.min(bytes.length, most));
        for (int i = 0; i < tokens.length; i++) {
            assertThat(tokens[i]).isEqualTo(Byte.toUnsignedInt(bytes[i]));
        }
    }

    @Test
    void aCharacterAcrossTheCutKeepsItsFirstBytes() {
        assertThat(new ByteEncoder(3).encode("ab\uD83D\uDE00")).containsExactly('a', 'b', 0xF0);
        assertThat(new ByteEncoder(1).encode("\uD83D\uDE00")).containsExactly(0xF0);
        assertThat(new ByteEncoder(1).encode("é")).containsExactly(0xC3);
    }

    @Test
    void oddTextsHaveTokensToo() {
        ByteEncoder encoder = new ByteEncoder(256);
        assertThat(encoder.encode("")).containsExactly(' ');
        assertThat(encoder.encode("\0")).containsExactly(0);
        assertThat(encoder.encode("\uD800")).containsExactly('?');
        assertThat(encoder.encode("a\uDC00b")).containsExactly('a', '?', 'b');
        assertThat(encoder.encode("\u0001\u001B\u007F\n")).containsExactly(1, 27, 127, 10);
        assertThat(encoder.encode("🎉".repeat(200))).hasSize(256);
        assertThat(encoder.encode("x".repeat(1 << 20))).hasSize(256).containsOnly('x');
    }
}
