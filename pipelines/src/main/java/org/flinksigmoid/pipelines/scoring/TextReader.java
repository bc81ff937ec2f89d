package org.flinksigmoid.pipelines.scoring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.flink.types.Either;
import org.flinksigmoid.kernels.checkpoint.BrokenJson;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamSplit;
import org.flinksigmoid.pipelines.source.WallClock;

/**
 * One stream of lines. A line that is no message is a bad input; the next one is read all the same.
 */
final class TextReader implements RecordReader<TextMessage> {
    /** Longer lines are refused: they would only fill the memory. */
    static final int MAX_LINE_BYTES = 16 << 20;

    /** Begins files of some programs and means nothing. */
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    /** Numbers keep all their digits: they may tell one id from another. */
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private final InputStream in;
    private final TextFormat format;
    private final StreamSplit split;
    private final boolean live;
    private long number;
    private long lineBytes;

    TextReader(InputStream in, TextFormat format, StreamSplit split) {
        this.in = in;
        this.format = format;
        this.split = split;
        this.live = format.isLive(split.input());
        this.number = live ? split.position() : 0;
    }

    @Override
    public Optional<Item<TextMessage>> next() throws IOException {
        Optional<byte[]> line = readLine();
        if (line.isEmpty()) {
            return Optional.empty();
        }
        long ready =
                live
                        ? WallClock.now()
                        : split.startMillis() + (long) (number * 1000 / format.linesPerSecond());
        number++;
        byte[] text = number == 1 ? withoutByteOrderMark(line.get()) : line.get();
        Either<TextMessage, BadInput> value = message(text, ready);
        return Optional.of(new Item<>(value, ready, ready));
    }

    private static byte[] withoutByteOrderMark(byte[] line) {
        boolean marked = Arrays.mismatch(line, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length;
        return marked || Arrays.equals(line, BYTE_ORDER_MARK)
                ? Arrays.copyOfRange(line, BYTE_ORDER_MARK.length, line.length)
                : line;
    }

    private Either<TextMessage, BadInput> message(byte[] line, long timestamp) {
        if (lineBytes > MAX_LINE_BYTES) {
            return bad("expected at most %d bytes, found %d".formatted(MAX_LINE_BYTES, lineBytes));
        }
        ByteBuffer bytes = ByteBuffer.wrap(line);
        String text;
        try {
            CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
            CharBuffer characters = decoder.decode(bytes);
            text = characters.toString();
        } catch (CharacterCodingException e) {
            return bad("expected UTF-8, found a byte that is not at " + bytes.position());
        }
        return format.isJson(split.input().parts().getFirst())
                ? json(text, timestamp)
                : Either.Left(
                        new TextMessage(split.streamId(), Long.toString(number), text, timestamp));
    }

    private Either<TextMessage, BadInput> json(String line, long timestamp) {
        JsonNode object;
        try {
            object = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return bad("expected a JSON object, found " + BrokenJson.describe(e));
        } catch (NumberFormatException e) {
            return bad("expected a JSON object, found a number beyond all bounds in it");
        }
        if (!object.isObject() || !object.path("text").isTextual()) {
            return bad("expected a JSON object with a string \"text\", found " + kind(object));
        }
        for (String name : List.of("key", "id")) {
            if (object.path(name).isContainerNode()) {
                return bad(
                        "expected \"%s\" to be a string, found a %s"
                                .formatted(name, object.path(name).getNodeType()));
            }
        }
        return Either.Left(
                new TextMessage(
                        object.path("key").asText(split.streamId()),
                        object.path("id").asText(Long.toString(number)),
                        object.path("text").asText(),
                        timestamp));
    }

    private static String kind(JsonNode node) {
        if (!node.isObject()) {
            return node.isMissingNode() ? "nothing" : "a " + node.getNodeType();
        }
        return node.has("text")
                ? "\"text\" of type " + node.path("text").getNodeType()
                : "none in it";
    }

    private Either<TextMessage, BadInput> bad(String reason) {
        return Either.Right(new BadInput(split.streamId() + " line " + number, reason));
    }

    /** The next line without its end; a line that is too long is cut, {@code lineBytes} tells. */
    private Optional<byte[]> readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        lineBytes = 0;
        int b = in.read();
        if (b < 0) {
            return Optional.empty();
        }
        while (b >= 0 && b != '\n') {
            lineBytes++;
            if (lineBytes <= MAX_LINE_BYTES) {
                line.write(b);
            }
            b = in.read();
        }
        byte[] bytes = line.toByteArray();
        int length = bytes.length;
        if (length > 0 && bytes[length - 1] == '\r') {
            bytes = Arrays.copyOf(bytes, length - 1);
        }
        return Optional.of(bytes);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
