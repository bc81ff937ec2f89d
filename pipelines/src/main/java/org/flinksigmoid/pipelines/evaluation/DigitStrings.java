package org.flinksigmoid.pipelines.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.flinksigmoid.pipelines.asr.AudioFormat;
import org.flinksigmoid.pipelines.source.StreamInput;

/**
 * Strings of 3 to 7 digits out of single clips, each string within one speaker, with 50 to 400 ms
 * of silence around every digit. The same seed gives the same strings, here and in the training
 * recipe: the order of the random numbers is part of the definition.
 */
public final class DigitStrings {
    private static final int SHORTEST = 3;
    private static final int LONGEST = 7;
    private static final int SHORTEST_SILENCE = 400;
    private static final int LONGEST_SILENCE = 3200;

    private final Random random;
    private final List<Deck> decks = new ArrayList<>();

    private DigitStrings(List<DigitClip> clips, long seed) {
        this.random = new Random(seed);
        Map<String, List<DigitClip>> bySpeaker =
                clips.stream()
                        .sorted(DigitClip.ORDER)
                        .collect(
                                Collectors.groupingBy(
                                        DigitClip::speaker,
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        bySpeaker.values().forEach(cards -> decks.add(new Deck(new ArrayList<>(cards))));
    }

    /**
     * @param clips of at least one speaker
     * @param count how many strings, speakers taking turns
     */
    public static List<LabelledStream> of(List<DigitClip> clips, int count, long seed) {
        if (clips.isEmpty()) {
            throw new IllegalArgumentException("clips: expected at least one, found none");
        }
        DigitStrings strings = new DigitStrings(clips, seed);
        List<LabelledStream> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            streams.add(strings.next(i));
        }
        return streams;
    }

    private LabelledStream next(int number) {
        Deck deck = decks.get(number % decks.size());
        int digits = SHORTEST + random.nextInt(LONGEST - SHORTEST + 1);
        List<String> parts = new ArrayList<>();
        List<String> words = new ArrayList<>();
        parts.add(silence());
        for (int i = 0; i < digits; i++) {
            DigitClip clip = deck.draw();
            parts.add(clip.file().toString());
            parts.add(silence());
            words.add(Integer.toString(clip.digit()));
        }
        String speaker = deck.speaker();
        StreamInput input = new StreamInput("string-%d-%s".formatted(number, speaker), parts);
        return new LabelledStream(input, speaker, String.join(" ", words));
    }

    private String silence() {
        return AudioFormat.SILENCE
                + (SHORTEST_SILENCE + random.nextInt(LONGEST_SILENCE - SHORTEST_SILENCE + 1));
    }

    /** A speaker's clips: every one is used once before one comes again. */
    private final class Deck {
        private final List<DigitClip> cards;
        private int position;

        Deck(List<DigitClip> cards) {
            this.cards = cards;
            shuffle();
        }

        String speaker() {
            return cards.getFirst().speaker();
        }

        DigitClip draw() {
            if (position == cards.size()) {
                shuffle();
            }
            return cards.get(position++);
        }

        private void shuffle() {
            for (int i = cards.size() - 1; i >= 1; i--) {
                DigitClip card = cards.get(i);
                int other = random.nextInt(i + 1);
                cards.set(i, cards.get(other));
                cards.set(other, card);
            }
            position = 0;
        }
    }
}
