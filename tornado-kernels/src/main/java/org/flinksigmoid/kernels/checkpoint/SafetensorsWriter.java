package org.flinksigmoid.kernels.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.flinksigmoid.kernels.tensor.Bfloat16;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;

/** Writes a safetensors file: for converters of other formats and for tests. Not thread-safe. */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;
    private static final int CHUNK = 1 << 16;

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(DType type, Shape shape, float[] values) {}

    /**
     * Adds a tensor, stored as {@code type}, rounded to nearest.
     *
     * @param values row-major, {@code shape.elements()} of them; not copied
     * @return this
     * @throws IllegalArgumentException if their number is another or the name is taken
     */
    public SafetensorsWriter add(String name, DType type, Shape shape, float[] values) {
        if (values.length != shape.elements()) {
            throw new IllegalArgumentException(
                    "%s: expected %d values for %s, found %d"
                            .formatted(name, shape.elements(), shape, values.length));
        }
        if (entries.putIfAbsent(name, new Entry(type, shape, values)) != null) {
            throw new IllegalArgumentException(name + ": added twice");
        }
        return this;
    }

    /** Writes the tensors in the order they were added, replacing the file. */
    public void write(Path path) throws IOException {
        ObjectNode header = new ObjectMapper().createObjectNode();
        long offset = 0;
        for (var entry : entries.entrySet()) {
            ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", entry.getValue().type().name());
            var shape = node.putArray("shape");
            for (int axis = 0; axis < entry.getValue().shape().rank(); axis++) {
                shape.add(entry.getValue().shape().dimension(axis));
            }
            long end =
                    offset
                            + (long) entry.getValue().values().length
                                    * entry.getValue().type().bytes();
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = new ObjectMapper().writeValueAsBytes(header);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        try (OutputStream out = Files.newOutputStream(path)) {
            out.write(
                    ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(padded)
                            .array());
            out.write(json);
            out.write(" ".repeat(padded - json.length).getBytes(StandardCharsets.US_ASCII));
            for (Entry entry : entries.values()) {
                writeValues(out, entry);
            }
        }
    }

    private static void writeValues(OutputStream out, Entry entry) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : entry.values()) {
            switch (entry.type()) {
                case F32 -> chunk.putFloat(value);
                case F16 -> chunk.putShort(Float.floatToFloat16(value));
                case BF16 -> chunk.putShort(Bfloat16.of(value));
            }
            if (!chunk.hasRemaining()) {
                out.write(chunk.array());
                chunk.clear();
            }
        }
        out.write(chunk.array(), 0, chunk.position());
    }
}
