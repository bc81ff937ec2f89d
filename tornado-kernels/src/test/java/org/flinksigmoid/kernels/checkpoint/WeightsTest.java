package org.flinksigmoid.kernels.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightsTest {
    @TempDir Path folder;

    private SafetensorsFile file(SafetensorsWriter writer) throws IOException {
        writer.write(folder.resolve("model.safetensors"));
        return SafetensorsFile.open(folder.resolve("model.safetensors"));
    }

    @Test
    void whatNobodyTookIsLeftOver() throws IOException {
        try (SafetensorsFile file =
                file(
                        new SafetensorsWriter()
                                .add("a", DType.F32, Shape.of(2, 3), new float[6])
                                .add("b", DType.F32, Shape.of(4), new float[4])
                                .add("c", DType.F32, Shape.of(1), new float[1]))) {
            Weights weights = new Weights(file);
            weights.take("a", 2, 3);
            weights.take("a", 2, 3);
            weights.take("c", 1);
            assertThat(weights.leftOver()).containsExactly("b");
            assertThat(weights.parameters()).isEqualTo(7);
        }
    }

    @Test
    void anotherShapeIsRefusedWithBoth() throws IOException {
        String name = "encoder.layers.3.attn.q.weight";
        try (SafetensorsFile file =
                file(new SafetensorsWriter().add(name, DType.F16, Shape.of(4, 2), new float[8]))) {
            assertThatThrownBy(() -> new Weights(file).take(name, 4, 4))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(
                            "encoder.layers.3.attn.q.weight: expected F16 [4, 4], found F16 [4, 2]"
                                    + " in model.safetensors");
        }
    }

    private SafetensorsFile doubles(double... values) throws IOException {
        String json =
                "{\"a\":{\"dtype\":\"F64\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                        .formatted(values.length, 8 * values.length);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length() + 8 * values.length);
        bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length());
        bytes.put(json.getBytes(StandardCharsets.US_ASCII));
        for (double value : values) {
            bytes.putDouble(value);
        }
        Files.write(folder.resolve("model.safetensors"), bytes.array());
        return SafetensorsFile.open(folder.resolve("model.safetensors"));
    }

    @Test
    void doublesAreRounded() throws IOException {
        double[] many = new double[5000];
        many[4999] = 1.0 / 3;
        many[1] = -Math.PI;
        try (SafetensorsFile file = doubles(many)) {
            Tensor tensor = new Weights(file).take("a", 5000);
            assertThat(tensor.type()).isEqualTo(DType.F32);
            assertThat(tensor.toFloats()[1]).isEqualTo((float) -Math.PI);
            assertThat(tensor.toFloats()[4999]).isEqualTo(1f / 3);
            assertThatThrownBy(() -> new Weights(file).take("a", 2))
                    .hasMessageStartingWith("a: expected F64 [2], found F64 [5000]");
        }
    }

    @Test
    void doublesThatAreNoFloatsAreRefused() throws IOException {
        try (SafetensorsFile file = doubles(1, 1e300)) {
            assertThatThrownBy(() -> new Weights(file).take("a", 2))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("a: expected finite numbers, found NaN or infinity at");
        }
    }

    @Test
    void aMissingNameIsRefusedWithItsNeighbours() throws IOException {
        try (SafetensorsFile file =
                file(
                        new SafetensorsWriter()
                                .add("layers.3.query.weight", DType.F32, Shape.of(1), new float[1])
                                .add("layers.4.q.weight", DType.F32, Shape.of(1), new float[1]))) {
            assertThatThrownBy(() -> new Weights(file).take("layers.3.q.weight", 1))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(
                            "layers.3.q.weight: expected F32, F16, BF16 or F64 [1], found no such"
                                    + " tensor (not used yet: layers.3.query.weight) in"
                                    + " model.safetensors");
        }
    }

    @Test
    void aMissingNameIsRefusedWithTheOneThatHasMoreInFront() throws IOException {
        try (SafetensorsFile file =
                file(
                        new SafetensorsWriter()
                                .add("head.bias", DType.F32, Shape.of(1), new float[1])
                                .add("module.head.weight", DType.F32, Shape.of(1), new float[1]))) {
            assertThatThrownBy(() -> new Weights(file).take("head.weight", 1))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageEndingWith(
                            "found no such tensor (not used yet: module.head.weight) in"
                                    + " model.safetensors");
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void anythingNotFiniteIsRefusedByPlace(DType type) throws IOException {
        for (float bad :
                new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] values = {1, 60_000, -60_000, 1e-7f, bad, 0};
            try (SafetensorsFile file =
                    file(new SafetensorsWriter().add("w", type, Shape.of(6), values))) {
                assertThatThrownBy(() -> new Weights(file).take("w", 6))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessage(
                                "w: expected finite numbers, found NaN or infinity at element 4 in"
                                        + " model.safetensors");
            }
        }
    }
}
