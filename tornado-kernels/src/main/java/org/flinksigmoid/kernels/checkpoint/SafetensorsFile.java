package org.flinksigmoid.kernels.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.Map;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Tensor;

/**
 * A safetensors file, mapped into memory and checked as a whole when it is opened: an 8-byte
 * little-endian header length, a JSON header, then the tensors' bytes without gap or overlap (<a
 * href="https://github.com/huggingface/safetensors#format">the format</a>). The file is untrusted.
 *
 * <p>Tensors are views of the mapping: valid until {@link #close}, readable by many threads. Where
 * the file is cut short while it is open, reading one throws an {@link InternalError}, perhaps a
 * moment later; so whoever has read what it needs asks {@link #requireUnchanged}.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** Longest header that is read, as in the format's own reader. */
    public static final long MAX_HEADER_BYTES = 100_000_000;

    private static final byte[] LFS_POINTER =
            "version https://git-lfs.github.com/".getBytes(StandardCharsets.US_ASCII);

    private static final ValueLayout.OfLong LENGTH =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final String file;
    private final Stamp stamp;
    private final Arena arena;
    private final MemorySegment header;
    private final MemorySegment data;
    private final Map<String, StoredTensor> tensors;

    /**
     * What tells a file from the one that it was; {@code key} is its inode, where there are some.
     */
    private record Stamp(Object key, long bytes, FileTime changed) {
        static Stamp of(Path path) throws IOException {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(
                    attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        }
    }

    private SafetensorsFile(
            Path path,
            String file,
            Stamp stamp,
            Arena arena,
            MemorySegment header,
            MemorySegment data,
            Map<String, StoredTensor> tensors) {
        this.path = path;
        this.file = file;
        this.stamp = stamp;
        this.arena = arena;
        this.header = header;
        this.data = data;
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * Maps and checks a file.
     *
     * @throws CheckpointException if it is missing, unreadable or not a well-formed safetensors
     *     file
     */
    public static SafetensorsFile open(Path path) {
        return open(path.resolveSibling(""), path.getFileName().toString());
    }

    /** As above, by the file's name in a folder, which messages have. */
    static SafetensorsFile open(Path folder, String file) {
        Path path = folder.resolve(file);
        Arena arena = Arena.ofShared();
        try {
            Stamp stamp = stamp(path, file);
            MemorySegment whole = map(path, file, arena);
            long headerLength = headerLength(whole, file);
            MemorySegment header = whole.asSlice(0, Long.BYTES + headerLength);
            MemorySegment data = whole.asSlice(header.byteSize());
            var tensors =
                    new SafetensorsHeader(file, data.byteSize()).read(header.asSlice(Long.BYTES));
            return new SafetensorsFile(path, file, stamp, arena, header, data, tensors);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static Stamp stamp(Path path, String file) {
        if (Files.exists(path) && !Files.isRegularFile(path)) { // a pipe would never open
            String found = Files.isDirectory(path) ? "a folder" : "what is no file";
            throw new CheckpointException(file, "", "a safetensors file", found);
        }
        try {
            return Stamp.of(path);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static MemorySegment map(Path path, String file, Arena arena) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static CheckpointException unreadable(String file, IOException e) {
        return e instanceof NoSuchFileException
                ? new CheckpointException(file, "", "a safetensors file", "no such file", e)
                : new CheckpointException(file, "", "a readable file", String.valueOf(e), e);
    }

    private static long headerLength(MemorySegment whole, String file) {
        if (whole.byteSize() < Long.BYTES) {
            throw new CheckpointException(
                    file,
                    "header",
                    "8 bytes that hold its length",
                    "a file of " + whole.byteSize() + " bytes");
        }
        if (beginsAs(LFS_POINTER, whole)) { // of a clone by a git without LFS
            throw new CheckpointException(
                    file, "", "a safetensors file", "a pointer to one: run git lfs pull");
        }
        long length = whole.get(LENGTH, 0);
        if (length < 0 || length > MAX_HEADER_BYTES) {
            throw new CheckpointException(
                    file,
                    "header",
                    "at most " + MAX_HEADER_BYTES + " bytes",
                    Long.toUnsignedString(length));
        }
        if (length > whole.byteSize() - Long.BYTES) {
            throw new CheckpointException(
                    file,
                    "header",
                    length + " bytes",
                    "only " + (whole.byteSize() - Long.BYTES) + " (is the file cut short?)");
        }
        return length;
    }

    private static boolean beginsAs(byte[] start, MemorySegment whole) {
        return whole.byteSize() >= start.length
                && whole.asSlice(0, start.length).mismatch(MemorySegment.ofArray(start)) < 0;
    }

    /** Name of the file in the checkpoint's folder. */
    public String file() {
        return file;
    }

    /** Bytes of the whole file. */
    public long size() {
        return header.byteSize() + data.byteSize();
    }

    /** What stands before the tensors' bytes: the header's length and the header. */
    public MemorySegment header() {
        return header;
    }

    /** All tensors by name, in the order of the header. */
    public Map<String, StoredTensor> tensors() {
        return tensors;
    }

    /**
     * The bytes of a tensor, whatever its element type.
     *
     * @throws CheckpointException if there is none of that name
     */
    public MemorySegment bytes(String name) {
        StoredTensor stored = stored(name);
        return data.asSlice(stored.begin(), stored.end() - stored.begin());
    }

    /**
     * A view of a tensor; of doubles a copy, rounded to floats.
     *
     * @throws CheckpointException if there is none of that name, or its element type is not F32,
     *     F16, BF16 or F64
     */
    public Tensor tensor(String name) {
        StoredTensor stored = stored(name);
        DType type =
                stored.computeType()
                        .orElseThrow(
                                () ->
                                        new CheckpointException(
                                                file, name, StoredTensor.COMPUTED, stored.type()));
        return stored.type().equals(StoredTensor.DOUBLES)
                ? Tensor.ofDoubles(name, stored.shape(), bytes(name))
                : new Tensor(name, type, stored.shape(), bytes(name));
    }

    private StoredTensor stored(String name) {
        StoredTensor stored = tensors.get(name);
        if (stored == null) {
            throw new CheckpointException(file, name, "a tensor", "none of that name");
        }
        return stored;
    }

    /**
     * Makes sure that what was read is the file as it was opened.
     *
     * @throws CheckpointException if it has been written to, replaced or deleted since
     */
    public void requireUnchanged() {
        Stamp now;
        try {
            now = Stamp.of(path);
        } catch (IOException e) {
            throw changed(file, e);
        }
        if (!now.equals(stamp)) {
            throw changed(file, null);
        }
    }

    /** The refusal of a file that changed while it was read. */
    public static CheckpointException changed(String file, Throwable cause) {
        return new CheckpointException(
                file,
                "",
                "a file that stays as it is while it is loaded (put new weights into a new folder)",
                "one that changed",
                cause);
    }

    /** Unmaps the file; its tensors can't be read any more. */
    @Override
    public void close() {
        arena.close();
    }
}
