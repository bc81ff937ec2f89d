package org.flinksigmoid.operators.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;

class NewestMessagesTest {
    @Property(tries = 500, seed = "20261201")
    void whatIsForgottenChangesNoText(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int maxCharacters,
            @ForAll @IntRange(max = 2) int separatorLength) {
        Random random = new Random(seed);
        String separator = " ".repeat(separatorLength);
        NewestMessages newest = new NewestMessages(separator, maxCharacters);
        TextJoiner joiner = new TextJoiner(separator, maxCharacters);
        List<TextMessage> all = new ArrayList<>();
        List<List<TextMessage>> sessions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            TextMessage message = message(random.nextInt(50), i, random.nextInt(6));
            all.add(message);
            if (sessions.isEmpty() || random.nextInt(20) == 0) {
                sessions.add(newest.createAccumulator());
            }
            newest.add(message, sessions.get(random.nextInt(sessions.size())));
        }
        List<TextMessage> kept = newest.createAccumulator();
        for (List<TextMessage> session : sessions) {
            kept = newest.merge(kept, session);
        }
        List<TextMessage> whole =
                new NewestMessages(separator, Integer.MAX_VALUE).merge(all, List.of());
        assertThat(joiner.join(kept)).isEqualTo(joiner.join(whole));
        assertThat(kept.getLast()).isEqualTo(whole.getLast());
    }

    @Test
    void aSessionThatNeverEndsKeepsNoMoreThanItsTextNeeds() {
        NewestMessages newest = new NewestMessages(" ", 4096);
        List<TextMessage> kept = newest.createAccumulator();
        for (int i = 0; i < 200_000; i++) {
            newest.add(message(i, i, 40), kept);
        }
        assertThat(kept).hasSizeBetween(4096 / 41, 2 * 4096 / 41);
        assertThat(kept.getLast().id()).isEqualTo("199999");
    }

    @Test
    void emptyMessagesWithNothingBetweenThemAreNotKept() {
        NewestMessages newest = new NewestMessages("", 4096);
        List<TextMessage> kept = newest.createAccumulator();
        for (int i = 0; i < 20_000; i++) {
            newest.add(message(i, i, i % 1000 == 999 ? 1 : 0), kept);
        }
        assertThat(kept).hasSizeLessThan(100);
        newest.add(message(30_000, 30_000, 0), kept);
        assertThat(new TextJoiner("", 4096).join(kept)).isEqualTo("t".repeat(20));
        assertThat(newest.merge(kept, List.of()).getLast().id()).isEqualTo("30000");
    }

    private static TextMessage message(long time, int id, int length) {
        return new TextMessage("k", Integer.toString(id), "t".repeat(length), time);
    }
}
