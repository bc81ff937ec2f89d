package org.flinksigmoid.kernels.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * The parameters of a checkpoint, taken one by one under the names and shapes that a model wants.
 * What nobody took is known afterwards. Tensors are views of the file and live as long as it. Not
 * thread-safe.
 */
public final class Weights {
    /** Elements looked at at a time, in an array: see {@link Tensor#toFloats}. */
    private static final int PART = 4096;

    private static final long LARGEST = Integer.MAX_VALUE - 8;
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SafetensorsFile file;
    private final Set<String> taken = new LinkedHashSet<>();
    private long parameters;

    /** The parameters of {@code file}, which stays open while they are used. */
    public Weights(SafetensorsFile file) {
        this.file = file;
    }

    /** Whether the file has a tensor of that name. */
    public boolean has(String name) {
        return file.tensors().containsKey(name);
    }

    /**
     * The shape a tensor is stored with.
     *
     * @throws CheckpointException if there is none of that name
     */
    public Shape shapeOf(String name) {
        return stored(name, "a tensor").shape();
    }

    /**
     * Takes a parameter.
     *
     * @throws CheckpointException if it is missing, of another shape or not of F32, F16, BF16 or
     *     F64, or if it holds NaN or infinity, as a float
     */
    public Tensor take(String name, long... dimensions) {
        Shape shape = Shape.of(dimensions);
        StoredTensor stored = stored(name, StoredTensor.COMPUTED + " " + shape);
        DType type = stored.computeType().orElse(null);
        if (type == null || !stored.shape().equals(shape)) {
            String expected = type == null ? StoredTensor.COMPUTED : stored.type();
            throw new CheckpointException(
                    file.file(), name, expected + " " + shape, stored.describe());
        }
        boolean rounded = stored.type().equals(StoredTensor.DOUBLES);
        long most = rounded ? LARGEST / Float.BYTES : LARGEST;
        if (shape.elements() > most) {
            throw new CheckpointException(
                    file.file(), name, "at most " + most + " elements", stored.describe());
        }
        if ((parameters + shape.elements()) * Float.BYTES > Runtime.getRuntime().maxMemory()) {
            throw new CheckpointException(
                    file.file(),
                    name,
                    "weights that fit into this JVM's heap as F32 (raise -Xmx)",
                    (parameters + shape.elements()) + " of them up to here");
        }
        Tensor tensor = file.tensor(name);
        requireFinite(tensor);
        if (taken.add(name)) {
            parameters += shape.elements();
        }
        return tensor;
    }

    private StoredTensor stored(String name, String expected) {
        StoredTensor stored = file.tensors().get(name);
        if (stored == null) {
            throw new CheckpointException(
                    file.file(), name, expected, "no such tensor" + hint(name));
        }
        return stored;
    }

    /**
     * Names the tensors that nobody took and that have more in front of the name, as {@code
     * module.}; else those that stand at the same place of the name tree.
     */
    private String hint(String name) {
        int dot = name.lastIndexOf('.', name.lastIndexOf('.') - 1);
        String place = name.substring(0, Math.max(dot, 0) + (dot > 0 ? 1 : 0));
        List<String> longer = leftOver(other -> other.endsWith("." + name));
        List<String> near = longer.isEmpty() ? leftOver(other -> other.startsWith(place)) : longer;
        return near.isEmpty() ? "" : " (not used yet: " + String.join(", ", near) + ")";
    }

    /** The first four that are as asked for. */
    private List<String> leftOver(Predicate<String> asked) {
        return leftOver().stream().filter(asked).limit(4).toList();
    }

    /** Names of the file that no {@link #take} asked for, in the order of the file. */
    public List<String> leftOver() {
        List<String> names = new ArrayList<>();
        for (String name : file.tensors().keySet()) {
            if (!taken.contains(name)) {
                names.add(Quoted.of(name));
            }
        }
        return names;
    }

    /**
     * Refuses floats that no {@link #take} asked for under names that begin with {@code place}:
     * there a model reads everything, or computes something else than what was trained.
     *
     * @throws CheckpointException if there is such a tensor
     */
    public void requireAllTaken(String place) {
        for (StoredTensor tensor : file.tensors().values()) {
            if (tensor.name().startsWith(place)
                    && tensor.computeType().isPresent()
                    && !taken.contains(tensor.name())) {
                throw new CheckpointException(
                        file.file(),
                        Quoted.of(tensor.name()),
                        "nothing of that name, as " + ModelConfig.FILE + " asks for none",
                        tensor.describe());
            }
        }
    }

    /** Names of the parameters taken so far, in the order of their bytes in the file. */
    public List<String> taken() {
        return file.tensors().values().stream()
                .filter(tensor -> taken.contains(tensor.name()))
                .sorted(Comparator.comparingLong(StoredTensor::begin))
                .map(StoredTensor::name)
                .toList();
    }

    /** Where they lie. */
    public SafetensorsFile file() {
        return file;
    }

    /** Elements of all parameters taken so far. */
    public long parameters() {
        return parameters;
    }

    private void requireFinite(Tensor tensor) {
        long at =
                switch (tensor.type()) {
                    case F32 -> firstWithExponent(tensor.data(), 0x7f80_0000);
                    case F16 -> firstShortWithExponent(tensor.data(), 0x7c00);
                    case BF16 -> firstShortWithExponent(tensor.data(), 0x7f80);
                };
        if (at >= 0) {
            throw new CheckpointException(
                    file.file(),
                    tensor.name(),
                    "finite numbers",
                    "NaN or infinity at element " + at);
        }
    }

    /** First element whose exponent bits are all set: NaN or infinity. */
    private static long firstWithExponent(MemorySegment data, int exponent) {
        long size = data.byteSize() / Integer.BYTES;
        int[] part = new int[(int) Math.min(PART, size)];
        for (long from = 0; from < size; from += PART) {
            int count = (int) Math.min(PART, size - from);
            MemorySegment.copy(data, INT, from * Integer.BYTES, part, 0, count);
            int at = firstWithExponent(part, count, exponent);
            if (at < count) {
                return from + at;
            }
        }
        return -1;
    }

    private static int firstWithExponent(int[] part, int count, int exponent) {
        int at = 0;
        while (at < count && (part[at] & exponent) != exponent) {
            at++;
        }
        return at;
    }

    private static long firstShortWithExponent(MemorySegment data, int exponent) {
        long size = data.byteSize() / Short.BYTES;
        short[] part = new short[(int) Math.min(PART, size)];
        for (long from = 0; from < size; from += PART) {
            int count = (int) Math.min(PART, size - from);
            MemorySegment.copy(data, SHORT, from * Short.BYTES, part, 0, count);
            int at = firstWithExponent(part, count, exponent);
            if (at < count) {
                return from + at;
            }
        }
        return -1;
    }

    private static int firstWithExponent(short[] part, int count, int exponent) {
        int at = 0;
        while (at < count && (part[at] & exponent) != exponent) {
            at++;
        }
        return at;
    }
}
