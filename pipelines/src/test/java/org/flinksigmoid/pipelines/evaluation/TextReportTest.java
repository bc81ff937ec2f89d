package org.flinksigmoid.pipelines.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flinksigmoid.operators.types.Score;
import org.junit.jupiter.api.Test;

class TextReportTest {
    private static final Path FILE = Path.of("t.tsv");

    @Test
    void labelsThatTheModelDoesNotHaveAreRefused() {
        TextReport report = new TextReport(List.of("de", "en"), false);
        report.requireKnown(FILE, texts("de", "de"));
        assertThatThrownBy(() -> report.requireKnown(FILE, texts("de", "EN", "label", "EN")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "t.tsv: expected labels of the model (de, en), found 3 texts of others:"
                                + " EN (2), label (1)");
        String[] many =
                IntStream.range(100, 112).mapToObj(Integer::toString).toArray(String[]::new);
        assertThatThrownBy(() -> report.requireKnown(FILE, texts(many)))
                .hasMessageEndingWith(", 109 (1) and 2 more");
    }

    @Test
    void aSingleOutputTakesAnyOtherLabelForNoWhereOneSaysYes() {
        TextReport report = new TextReport(List.of("spam"), true);
        report.requireKnown(FILE, texts("Spam", "ham", "news"));
        report.requireKnown(FILE, texts("1", "0"));
        report.requireKnown(FILE, texts("ham", "ham"));
        assertThatThrownBy(() -> report.requireKnown(FILE, texts("positive", "negative")))
                .hasMessage(
                        "t.tsv: expected some labels that say yes (spam, 1, yes, true), found 2"
                                + " texts of others: negative (1), positive (1)");
    }

    @Test
    void textsWithoutAScoreAreWrong() {
        TextReport report = new TextReport(List.of("de", "en"), false);
        report.add("de", score("de", .75f));
        report.add("en", score("de", .75f));
        report.addMissing("en");
        assertThat(report.rows()).isEqualTo(3);
        assertThat(report.accuracy()).isEqualTo(1 / 3.0);
        assertThat(report.table()).last().asString().contains("all", "3", "1", "33.33%");
    }

    private static List<LabelledText> texts(String... labels) {
        return Stream.of(labels).map(label -> new LabelledText(label, "text")).toList();
    }

    private static Score score(String label, float score) {
        return new Score("k", "1", label, score, new float[] {score, 1 - score}, 4, 0, "");
    }
}
