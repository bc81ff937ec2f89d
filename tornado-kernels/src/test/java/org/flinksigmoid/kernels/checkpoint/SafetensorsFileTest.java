package org.flinksigmoid.kernels.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFileTest {
    @TempDir Path folder;

    private Path file() {
        return folder.resolve("model.safetensors");
    }

    private Path write(long headerLength, String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(headerLength).put(json);
        return Files.write(file(), bytes.array());
    }

    private Path write(String header, int dataBytes) throws IOException {
        return write(header.getBytes(StandardCharsets.UTF_8).length, header, dataBytes);
    }

    private static void assertRefused(Path file, String... parts) {
        assertThatThrownBy(() -> SafetensorsFile.open(file).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(parts);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void readsWhatTheWriterWrote(DType type) throws IOException {
        float[] values = {0, 1, -2.5f, 0.15625f, 384, -0f};
        new SafetensorsWriter()
                .add("a.weight", type, Shape.of(2, 3), values)
                .add("scalar", DType.F32, Shape.of(), new float[] {3.25f})
                .add("empty", DType.F16, Shape.of(0, 7), new float[0])
                .write(file());
        try (SafetensorsFile file = SafetensorsFile.open(file())) {
            assertThat(file.tensors()).containsOnlyKeys("a.weight", "scalar", "empty");
            assertThat(file.tensor("a.weight").shape()).isEqualTo(Shape.of(2, 3));
            assertThat(file.tensor("a.weight").toFloats()).containsExactly(values);
            assertThat(file.tensor("scalar").toFloats()).containsExactly(3.25f);
            assertThat(file.tensor("empty").toFloats()).isEmpty();
        }
    }

    @Test
    void readsThroughASymbolicLink() throws IOException {
        new SafetensorsWriter()
                .add("a", DType.F32, Shape.of(1), new float[] {1})
                .write(folder.resolve("blob"));
        Files.createSymbolicLink(file(), folder.resolve("blob"));
        try (SafetensorsFile file = SafetensorsFile.open(file())) {
            assertThat(file.tensor("a").toFloats()).containsExactly(1);
        }
    }

    @Test
    void aFileCutAnywhereIsRefused() throws IOException {
        new SafetensorsWriter()
                .add("a", DType.F32, Shape.of(3), new float[3])
                .add("b", DType.BF16, Shape.of(2, 2), new float[4])
                .write(file());
        byte[] whole = Files.readAllBytes(file());
        for (int length = 0; length < whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            assertRefused(file(), "model.safetensors");
        }
        Files.write(file(), Arrays.copyOf(whole, whole.length + 1));
        assertRefused(file(), "data: expected 20 bytes", "found 21 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 18446744073709551615",
        "-9223372036854775808, 9223372036854775808",
        "9223372036854775807, 9223372036854775807",
        "100000001, 100000001",
    })
    void aHeaderLengthBeyondTheLimitIsRefused(long length, String named) throws IOException {
        assertRefused(write(length, "{}", 0), "header: expected at most 100000000 bytes", named);
    }

    @Test
    void aPointerThatGitLeftInTheFilesPlaceIsCalledOne() throws IOException {
        Path file = folder.resolve("model.safetensors");
        Files.writeString(
                file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
        assertRefused(
                file,
                "model.safetensors: expected a safetensors file, found a pointer",
                "git lfs pull");
    }

    @Test
    void aHeaderLongerThanTheFileIsRefused() throws IOException {
        assertRefused(write(3, "{}", 0), "header: expected 3 bytes, found only 2");
    }

    static Stream<Arguments> badHeaders() {
        String f32 = "\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":";
        return Stream.of(
                Arguments.of("no object", "[]", 0, "header: expected a JSON object"),
                Arguments.of("no JSON", "{\"a\":", 0, "header: expected one well-formed"),
                Arguments.of("two objects", "{}{}", 0, "nothing after the JSON object"),
                Arguments.of("deep", "{\"a\":" + "[".repeat(100_000), 0, "a: expected an object"),
                Arguments.of(
                        "deep metadata",
                        "{\"__metadata__\":{\"a\":" + "[".repeat(100_000) + "}",
                        0,
                        "nesting depth"),
                Arguments.of("metadata", "{\"__metadata__\":7}", 0, "__metadata__: expected an"),
                Arguments.of("entry", "{\"a\":7}", 0, "a: expected an object, found 7"),
                Arguments.of("no offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0, "a: exp"),
                Arguments.of(
                        "type",
                        "{\"a\":{\"dtype\":\"F33\",\"shape\":[],\"data_offsets\":[0,4]}}",
                        4,
                        "a.dtype: expected one of [BF16, BOOL,"),
                Arguments.of(
                        "type of the type",
                        "{\"a\":{\"dtype\":32,\"shape\":[],\"data_offsets\":[0,4]}}",
                        4,
                        "a.dtype: expected a string, found 32"),
                Arguments.of(
                        "negative shape",
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
                        8,
                        "a.shape: expected integers from 0 to 2^63-1, found -2"),
                Arguments.of(
                        "fractional shape",
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
                        8,
                        "a.shape: expected integers, found 2.0"),
                Arguments.of(
                        "huge shape",
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9],"
                                + "\"data_offsets\":[0,8]}}",
                        8,
                        "a.shape: expected fewer than 2^63 bytes"),
                Arguments.of(
                        "shape whose bytes wrap around to those there",
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387906],"
                                + "\"data_offsets\":[0,8]}}",
                        8,
                        "a.shape: expected fewer than 2^63 bytes"),
                Arguments.of(
                        "rank",
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,2],"
                                + "\"data_offsets\":[0,8]}}",
                        8,
                        "a.shape: expected at most 8 integers"),
                Arguments.of(
                        "offset 2^63",
                        "{\"a\":{" + f32 + "[9223372036854775808,9223372036854775816]}}",
                        8,
                        "a.data_offsets: expected integers from 0 to 2^63-1, found 92233720368"),
                Arguments.of(
                        "offset of 1,000 digits",
                        "{\"a\":{" + f32 + "[0," + "9".repeat(1000) + "]}}",
                        8,
                        "header: expected one well-formed"),
                Arguments.of(
                        "three offsets", "{\"a\":{" + f32 + "[0,8,8]}}", 8, "at most 2 integers"),
                Arguments.of("one offset", "{\"a\":{" + f32 + "[8]}}", 8, "two data_offsets"),
                Arguments.of(
                        "backwards", "{\"a\":{" + f32 + "[8,0]}}", 8, "expected begin <= end <= 8"),
                Arguments.of(
                        "outside", "{\"a\":{" + f32 + "[0,8]}}", 7, "expected begin <= end <= 7"),
                Arguments.of(
                        "size", "{\"a\":{" + f32 + "[0,4]}}", 4, "expected 8 bytes for F32 [2]"),
                Arguments.of(
                        "overlap",
                        "{\"a\":{" + f32 + "[0,8]},\"b\":{" + f32 + "[4,12]}}",
                        12,
                        "b.data_offsets: expected begin 8, where a ends, found 4 (overlap)"),
                Arguments.of(
                        "same bytes",
                        "{\"a\":{" + f32 + "[0,8]},\"b\":{" + f32 + "[0,8]}}",
                        8,
                        "b.data_offsets: expected begin 8, where a ends, found 0 (overlap)"),
                Arguments.of(
                        "gap",
                        "{\"a\":{" + f32 + "[0,8]},\"b\":{" + f32 + "[12,20]}}",
                        20,
                        "b.data_offsets: expected begin 8, where a ends, found 12 (gap)"),
                Arguments.of(
                        "bytes nobody owns", "{\"a\":{" + f32 + "[0,8]}}", 9, "data: expected 8 b"),
                Arguments.of(
                        "name twice",
                        "{\"a\":{" + f32 + "[0,8]},\"a\":{" + f32 + "[8,16]}}",
                        16,
                        "Duplicate field 'a'"),
                Arguments.of(
                        "key twice",
                        "{\"a\":{\"dtype\":\"F16\"," + f32 + "[0,8]}}",
                        8,
                        "Duplicate field 'dtype'"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badHeaders")
    void aBadHeaderIsRefusedByName(String what, String header, int dataBytes, String message)
            throws IOException {
        assertRefused(write(header, dataBytes), message, "in model.safetensors");
    }

    /** Names are kept to find those that come twice. */
    @Test
    void metadataOfMillionsOfNamesIsRefused() throws IOException {
        StringBuilder header = new StringBuilder("{\"__metadata__\":{\"\":0");
        for (int i = 0; i < 2_000_000; i++) {
            header.append(",\"").append(i).append("\":0");
        }
        assertRefused(write(header + "}}", 0), "header: expected one", "Token count");
    }

    @Test
    void anUnprintableNameDoesNotReachTheLog() throws IOException {
        Path file = write("{\"a\\n\\u001b[31m" + "x".repeat(500) + "\":7}", 0);
        assertThatThrownBy(() -> SafetensorsFile.open(file).close())
                .isInstanceOf(CheckpointException.class)
                .satisfies(e -> assertThat(e.getMessage()).matches("[ -~]{1,300}"));
    }

    @Test
    void aMissingFileAndAFolderAreNamed() {
        assertRefused(file(), "model.safetensors: expected a safetensors file, found no such file");
        assertRefused(folder, "expected a safetensors file, found a folder");
    }

    @Test
    void integersAreKeptButAreNoParameters() throws IOException {
        write("{\"ids\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]}}", 16);
        try (SafetensorsFile file = SafetensorsFile.open(file())) {
            assertThat(file.bytes("ids").byteSize()).isEqualTo(16);
            assertThatThrownBy(() -> file.tensor("ids"))
                    .hasMessage(
                            "ids: expected F32, F16, BF16 or F64, found I64 in model.safetensors");
        }
    }
}
