package org.flinksigmoid.pipelines.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;
import org.junit.jupiter.api.Test;

class TextReaderTest {
    private final List<BadInput> bad = new ArrayList<>();

    @Test
    void linesAreMessagesNumberedFromOneAtTheGivenRate() throws IOException {
        List<TextMessage> messages = read(TextFormat.Syntax.TEXT, bytes("one\r\n\nthree"));
        assertThat(messages)
                .containsExactly(
                        new TextMessage("mails", "1", "one", 1000),
                        new TextMessage("mails", "2", "", 1100),
                        new TextMessage("mails", "3", "three", 1200));
    }

    @Test
    void aLineThatIsNotUtf8IsReportedWithItsPlaceAndTheNextOneIsRead() throws IOException {
        byte[] text = bytes("good\nab?\nalso good\n");
        text[7] = (byte) 0xff;
        List<TextMessage> messages = read(TextFormat.Syntax.TEXT, text);
        assertThat(messages).extracting(TextMessage::text).containsExactly("good", "also good");
        assertThat(bad).hasSize(1);
        assertThat(bad.getFirst().toString()).contains("line 2").contains("UTF-8").endsWith("at 2");
    }

    @Test
    void aLineOfAMegabyteIsAMessage() throws IOException {
        String long1 = "x".repeat(1 << 20);
        assertThat(read(TextFormat.Syntax.TEXT, bytes(long1 + "\nend")))
                .extracting(TextMessage::text)
                .containsExactly(long1, "end");
    }

    @Test
    void aLineBeyondTheLimitIsReportedAndTheNextOneIsRead() throws IOException {
        byte[] text = bytes("x".repeat(TextReader.MAX_LINE_BYTES + 1) + "\nend");
        assertThat(read(TextFormat.Syntax.TEXT, text))
                .extracting(TextMessage::text)
                .containsExactly("end");
        assertThat(bad.getFirst().reason()).contains("at most").contains("16777217");
    }

    @Test
    void jsonLinesCarryKeyAndId() throws IOException {
        String lines =
                """
                {"text":"a\\nb","key":"k","id":7}
                {"text":"c"}
                """;
        assertThat(read(TextFormat.Syntax.JSON, bytes(lines)))
                .containsExactly(
                        new TextMessage("k", "7", "a\nb", 1000),
                        new TextMessage("mails", "2", "c", 1100));
    }

    /** As doubles the first two were Infinity, and the next two the same. */
    @Test
    void numbersAsIdsKeepWhatTellsThemApart() throws IOException {
        String lines =
                """
                {"text":"a","id":1e400}
                {"text":"a","id":1E401}
                {"text":"a","id":0.1234567890123456781}
                {"text":"a","id":0.1234567890123456782}
                {"text":"a","id":1.10}
                {"text":"a","id":12345678901234567890123}
                {"text":"a","id":1e99999999999}
                """;
        assertThat(read(TextFormat.Syntax.JSON, bytes(lines)))
                .extracting(TextMessage::id)
                .containsExactly(
                        "1E+400",
                        "1E+401",
                        "0.1234567890123456781",
                        "0.1234567890123456782",
                        "1.10",
                        "12345678901234567890123");
        assertThat(bad).extracting(BadInput::input).containsExactly("mails line 7");
    }

    @Test
    void jsonLinesWithoutATextAreReported() throws IOException {
        String lines =
                """
                {"txt":"a"}
                {"text":3}
                [1]
                {"text":"cut","a":[
                {"text":"good"}
                """;
        assertThat(read(TextFormat.Syntax.JSON, bytes(lines))).hasSize(1);
        assertThat(bad)
                .extracting(BadInput::input)
                .containsExactly("mails line 1", "mails line 2", "mails line 3", "mails line 4");
        assertThat(bad)
                .extracting(BadInput::reason)
                .allSatisfy(
                        reason ->
                                assertThat(reason)
                                        .contains("expected a JSON object")
                                        .doesNotContain("REDACTED"));
    }

    @Test
    void moreThanOneObjectInALineIsReported() throws IOException {
        String lines =
                """
                {"text":"a"}{"text":"b"}
                {"text":"a"} rest
                {"text":"a"}\s
                """;
        assertThat(read(TextFormat.Syntax.JSON, bytes(lines)))
                .extracting(TextMessage::id)
                .containsExactly("3");
        assertThat(bad).extracting(BadInput::input).containsExactly("mails line 1", "mails line 2");
        assertThat(bad.getFirst().reason())
                .isEqualTo("expected a JSON object, found more behind its end");
    }

    @Test
    void aKeyOrAnIdThatIsNoStringIsReported() throws IOException {
        String lines =
                """
                {"text":"a","key":{"user":1}}
                {"text":"a","id":[1]}
                {"text":"a","key":null,"id":true}
                """;
        assertThat(read(TextFormat.Syntax.JSON, bytes(lines)))
                .containsExactly(new TextMessage("mails", "true", "a", 1200));
        assertThat(bad)
                .extracting(BadInput::reason)
                .containsExactly(
                        "expected \"key\" to be a string, found a OBJECT",
                        "expected \"id\" to be a string, found a ARRAY");
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstText() throws IOException {
        String mark = "\uFEFF";
        assertThat(read(TextFormat.Syntax.TEXT, bytes(mark + "a\n" + mark + "b")))
                .extracting(TextMessage::text)
                .containsExactly("a", mark + "b");
        assertThat(read(TextFormat.Syntax.JSON, bytes(mark + "{\"text\":\"a\"}")))
                .extracting(TextMessage::text)
                .containsExactly("a");
        assertThat(read(TextFormat.Syntax.TEXT, bytes(mark)))
                .extracting(TextMessage::text)
                .containsExactly("");
    }

    private List<TextMessage> read(TextFormat.Syntax syntax, byte[] bytes) throws IOException {
        StreamSplit split =
                new StreamSplit(new StreamInput("mails", List.of("mails.txt")), 0, 0, 1000);
        List<TextMessage> messages = new ArrayList<>();
        try (TextReader reader =
                new TextReader(
                        new ByteArrayInputStream(bytes), new TextFormat(syntax, 10), split)) {
            for (Optional<RecordReader.Item<TextMessage>> item = reader.next();
                    item.isPresent();
                    item = reader.next()) {
                if (item.get().value().isLeft()) {
                    messages.add(item.get().value().left());
                } else {
                    bad.add(item.get().value().right());
                }
            }
        }
        return messages;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
