package org.flinksigmoid.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Tensors that pipelines/training/golden.py wrote, read without the code under test. */
public final class GoldenTensors {
    private final JsonNode header;
    private final ByteBuffer data;

    private GoldenTensors(JsonNode header, ByteBuffer data) {
        this.header = header;
        this.data = data;
    }

    /** The tensors of {@code golden/<folder>/golden.safetensors}. */
    public static GoldenTensors load(String folder) {
        ByteBuffer bytes =
                ByteBuffer.wrap(bytes(folder + "/golden.safetensors"))
                        .order(ByteOrder.LITTLE_ENDIAN);
        byte[] json = new byte[(int) bytes.getLong()];
        bytes.get(json);
        try {
            return new GoldenTensors(
                    new ObjectMapper().readTree(json),
                    bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** A text file of a golden folder. */
    public static String text(String path) {
        return new String(bytes(path), StandardCharsets.UTF_8);
    }

    /** Whether there is such a tensor. */
    public boolean has(String name) {
        return header.has(name);
    }

    /** An F32 tensor, row by row. */
    public float[] floats(String name) {
        float[] values = new float[count(name, "F32")];
        data.slice(offset(name), 4 * values.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** An I32 tensor, row by row. */
    public int[] integers(String name) {
        int[] values = new int[count(name, "I32")];
        data.slice(offset(name), 4 * values.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(values);
        return values;
    }

    /** An I32 tensor of 16-bit samples. */
    public short[] samples(String name) {
        int[] values = integers(name);
        short[] samples = new short[values.length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) values[i];
        }
        return samples;
    }

    private int offset(String name) {
        return header.get(name).get("data_offsets").get(0).asInt();
    }

    private int count(String name, String type) {
        JsonNode entry = header.get(name);
        if (entry == null || !entry.get("dtype").asText().equals(type)) {
            throw new IllegalArgumentException(name + ": expected " + type + ", found " + entry);
        }
        return (entry.get("data_offsets").get(1).asInt() - offset(name)) / 4;
    }

    private static byte[] bytes(String path) {
        try (InputStream in = GoldenTensors.class.getResourceAsStream("/golden/" + path)) {
            if (in == null) {
                throw new IllegalArgumentException("no test resource golden/" + path);
            }
            return in.readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
