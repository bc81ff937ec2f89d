package org.flinksigmoid.kernels.checkpoint;

import java.util.Map;
import java.util.Optional;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;

/**
 * One entry of a safetensors header, checked against the file's size. Its element type may be one
 * that the engine doesn't compute with, as the integer position ids of BERT checkpoints.
 *
 * @param name key in the header
 * @param type element type as the file names it
 * @param shape dimensions, outermost first
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte
 */
public record StoredTensor(String name, String type, Shape shape, long begin, long end) {
    static final String DOUBLES = "F64";

    /** The types that {@link #computeType} takes, for messages. */
    static final String COMPUTED = "F32, F16, BF16 or F64";

    /** Bytes an element takes, for every type of the format that has whole bytes. */
    static final Map<String, Integer> TYPES =
            Map.ofEntries(
                    Map.entry("BOOL", 1),
                    Map.entry("U8", 1),
                    Map.entry("I8", 1),
                    Map.entry("F8_E4M3", 1),
                    Map.entry("F8_E5M2", 1),
                    Map.entry("F8_E8M0", 1),
                    Map.entry("U16", 2),
                    Map.entry("I16", 2),
                    Map.entry("F16", 2),
                    Map.entry("BF16", 2),
                    Map.entry("U32", 4),
                    Map.entry("I32", 4),
                    Map.entry("F32", 4),
                    Map.entry("U64", 8),
                    Map.entry("I64", 8),
                    Map.entry("F64", 8),
                    Map.entry("C64", 8));

    /** What {@link SafetensorsFile#tensor} makes of it; doubles are rounded. */
    public Optional<DType> computeType() {
        return switch (type) {
            case "F32", DOUBLES -> Optional.of(DType.F32);
            case "F16" -> Optional.of(DType.F16);
            case "BF16" -> Optional.of(DType.BF16);
            default -> Optional.empty();
        };
    }

    /** As {@code F16 [256, 128]}. */
    String describe() {
        return type + " " + shape;
    }
}
