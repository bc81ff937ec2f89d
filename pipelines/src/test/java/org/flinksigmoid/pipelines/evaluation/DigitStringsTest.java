package org.flinksigmoid.pipelines.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.pipelines.asr.AudioFormat;
import org.junit.jupiter.api.Test;

class DigitStringsTest {
    private static final List<DigitClip> CLIPS = clips("zoe", "adam");

    @Test
    void theSameSeedGivesTheSameStringsWhateverTheOrderOfTheClips() {
        List<DigitClip> reversed = new ArrayList<>(CLIPS.reversed());
        assertThat(DigitStrings.of(CLIPS, 20, 5)).isEqualTo(DigitStrings.of(reversed, 20, 5));
        assertThat(DigitStrings.of(CLIPS, 20, 5)).isNotEqualTo(DigitStrings.of(CLIPS, 20, 6));
    }

    @Test
    void speakersTakeTurnsInTheOrderOfTheirNames() {
        assertThat(DigitStrings.of(CLIPS, 4, 1))
                .extracting(LabelledStream::speaker)
                .containsExactly("adam", "zoe", "adam", "zoe");
    }

    @Test
    void everyStringHasThreeToSevenDigitsOfItsSpeakerWithSilenceAround() {
        assertThat(DigitStrings.of(CLIPS, 100, 2))
                .allSatisfy(
                        stream -> {
                            String[] words = stream.transcript().split(" ");
                            List<String> parts = stream.input().parts();
                            assertThat(words).hasSizeBetween(3, 7);
                            assertThat(parts).hasSize(2 * words.length + 1);
                            for (int i = 0; i < parts.size(); i++) {
                                if (i % 2 == 1) {
                                    assertThat(parts.get(i))
                                            .contains(words[i / 2] + "_" + stream.speaker());
                                } else {
                                    assertThat(silence(parts.get(i))).isBetween(400, 3200);
                                }
                            }
                        });
    }

    @Test
    void everyClipIsUsedOnceBeforeOneComesAgain() {
        Map<String, Integer> uses = new HashMap<>();
        DigitStrings.of(CLIPS, 40, 3).stream()
                .flatMap(stream -> stream.input().parts().stream())
                .filter(part -> !part.startsWith(AudioFormat.SILENCE))
                .filter(part -> part.contains("adam"))
                .forEach(part -> uses.merge(part, 1, Integer::sum));
        int most = uses.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        assertThat(uses).hasSize(20);
        assertThat(uses.values()).allSatisfy(count -> assertThat(count).isBetween(most - 1, most));
    }

    /** The definition, written down once: the recipe in training/ must give the same. */
    @Test
    void theDefinitionDoesNotChange() {
        assertThat(DigitStrings.of(CLIPS, 2, 0))
                .extracting(LabelledStream::transcript)
                .containsExactly("3 0 7 8 2 9", "4 3 6 8 3 7 4");
    }

    private static int silence(String part) {
        assertThat(part).startsWith(AudioFormat.SILENCE);
        return Integer.parseInt(part.substring(AudioFormat.SILENCE.length()));
    }

    private static List<DigitClip> clips(String... speakers) {
        List<DigitClip> clips = new ArrayList<>();
        for (String speaker : speakers) {
            for (int digit = 0; digit < 10; digit++) {
                for (int index = 0; index < 2; index++) {
                    String name = "%d_%s_%d.wav".formatted(digit, speaker, index);
                    clips.add(new DigitClip(digit, speaker, index, Path.of(name)));
                }
            }
        }
        return clips;
    }
}
