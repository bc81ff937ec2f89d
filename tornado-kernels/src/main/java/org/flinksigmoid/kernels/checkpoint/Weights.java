package org.flinksigmoid.kernels.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * The parameters of a checkpoint, taken one by one under the names and shapes that a model wants.
 * Those of a file in an inner folder have that before their names, as {@code
 * 2_Dense/linear.weight}. What nobody took is known afterwards. Tensors are views of the files and
 * live as long as they are open. Not thread-safe.
 */
public final class Weights implements AutoCloseable {
    /** Elements looked at at a time, in an array: see {@link Tensor#toFloats}. */
    private static final int PART = 4096;

    private static final long LARGEST = Integer.MAX_VALUE - 8;
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final List<SafetensorsFile> files;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final Set<String> taken = new HashSet<>();
    private long parameters;

    private record Place(SafetensorsFile file, StoredTensor tensor) {}

    /** The parameters of {@code file}, which stays open while they are used. */
    public Weights(SafetensorsFile file) {
        this(List.of(file));
    }

    private Weights(List<SafetensorsFile> files) {
        this.files = List.copyOf(files);
        for (SafetensorsFile file : files) {
            String folder = folder(file.file());
            for (StoredTensor tensor : file.tensors().values()) {
                places.put(folder + tensor.name(), new Place(file, tensor));
            }
        }
    }

    /**
     * Opens all files of a folder that hold parameters of that model.
     *
     * @throws CheckpointException if one is missing or not well-formed
     */
    public static Weights open(Path folder, ModelConfig config) {
        List<SafetensorsFile> files = new ArrayList<>();
        try {
            files.addAll(WeightFiles.open(folder));
            for (DenseConfig dense : config.dense()) {
                String file = dense.folder() + "/" + WeightFiles.WHOLE;
                files.add(WeightFiles.open(folder, file));
            }
            return new Weights(files);
        } catch (RuntimeException | Error e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    /** What stands before the last part of a name, with the slash. */
    private static String folder(String name) {
        return name.substring(0, name.lastIndexOf('/') + 1);
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return places.containsKey(name);
    }

    /**
     * The shape a tensor is stored with.
     *
     * @throws CheckpointException if there is none of that name
     */
    public Shape shapeOf(String name) {
        return place(name, "a tensor").tensor().shape();
    }

    /**
     * Takes a parameter.
     *
     * @throws CheckpointException if it is missing, of another shape or not of F32, F16, BF16 or
     *     F64, or if it holds NaN or infinity, as a float
     */
    public Tensor take(String name, long... dimensions) {
        Shape shape = Shape.of(dimensions);
        Place place = place(name, StoredTensor.COMPUTED + " " + shape);
        StoredTensor stored = place.tensor();
        String file = place.file().file();
        DType type = stored.computeType().orElse(null);
        if (type == null || !stored.shape().equals(shape)) {
            String expected = type == null ? StoredTensor.COMPUTED : stored.type();
            throw new CheckpointException(
                    file, stored.name(), expected + " " + shape, stored.describe());
        }
        boolean rounded = stored.type().equals(StoredTensor.DOUBLES);
        long most = rounded ? LARGEST / Float.BYTES : LARGEST;
        if (shape.elements() > most) {
            throw new CheckpointException(
                    file, stored.name(), "at most " + most + " elements", stored.describe());
        }
        if ((parameters + shape.elements()) * Float.BYTES > Runtime.getRuntime().maxMemory()) {
            throw new CheckpointException(
                    file,
                    stored.name(),
                    "weights that fit into this JVM's heap as F32 (raise -Xmx)",
                    (parameters + shape.elements()) + " of them up to here");
        }
        Tensor tensor = place.file().tensor(stored.name());
        requireFinite(tensor, file);
        if (taken.add(name)) {
            parameters += shape.elements();
        }
        return tensor;
    }

    private Place place(String name, String expected) {
        Place place = places.get(name);
        if (place == null) {
            String folder = folder(name);
            String found = "no such tensor" + hint(name);
            String tensor = name.substring(folder.length());
            throw new CheckpointException(fileOf(folder), tensor, expected, found);
        }
        return place;
    }

    /** The file of an inner folder, or of the folder itself; the index where these are several. */
    private String fileOf(String folder) {
        List<String> names =
                files.stream()
                        .map(SafetensorsFile::file)
                        .filter(name -> folder(name).equals(folder))
                        .toList();
        return names.size() == 1 ? names.getFirst() : WeightFiles.INDEX;
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

    /** Names that no {@link #take} asked for, in the order of the files. */
    public List<String> leftOver() {
        List<String> names = new ArrayList<>();
        for (String name : places.keySet()) {
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
        places.forEach(
                (name, at) -> {
                    if (name.startsWith(place)
                            && at.tensor().computeType().isPresent()
                            && !taken.contains(name)) {
                        throw new CheckpointException(
                                at.file().file(),
                                Quoted.of(at.tensor().name()),
                                "nothing of that name, as " + ModelConfig.FILE + " asks for none",
                                at.tensor().describe());
                    }
                });
    }

    /** Tensors of a file that were taken so far, in the order of their bytes there. */
    public List<StoredTensor> taken(SafetensorsFile file) {
        String folder = folder(file.file());
        return file.tensors().values().stream()
                .filter(tensor -> taken.contains(folder + tensor.name()))
                .sorted(Comparator.comparingLong(StoredTensor::begin))
                .toList();
    }

    /** Where they lie. */
    public List<SafetensorsFile> files() {
        return files;
    }

    /** Closes the files. */
    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }

    /** Elements of all parameters taken so far. */
    public long parameters() {
        return parameters;
    }

    private static void requireFinite(Tensor tensor, String file) {
        long at =
                switch (tensor.type()) {
                    case F32 -> firstWithExponent(tensor.data(), 0x7f80_0000);
                    case F16 -> firstShortWithExponent(tensor.data(), 0x7c00);
                    case BF16 -> firstShortWithExponent(tensor.data(), 0x7f80);
                };
        if (at >= 0) {
            throw new CheckpointException(
                    file, tensor.name(), "finite numbers", "NaN or infinity at element " + at);
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
