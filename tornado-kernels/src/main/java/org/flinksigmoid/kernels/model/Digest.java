package org.flinksigmoid.kernels.model;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.SafetensorsFile;
import org.flinksigmoid.kernels.checkpoint.StoredTensor;
import org.flinksigmoid.kernels.checkpoint.TextLength;
import org.flinksigmoid.kernels.checkpoint.Weights;

/**
 * The version of a checkpoint: a digest over the names and bytes of what is read of its files. Of
 * the weights that is the header and the parameters that the model takes, in the order of the file:
 * the whole file where all are taken. What nobody takes may be of any size and is not read.
 */
final class Digest {
    /** The small ones. */
    private static final List<String> FILES =
            List.of(
                    "config.json",
                    "preprocessor_config.json",
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "vocab.json",
                    "modules.json",
                    "1_Pooling/config.json");

    /** None that a model reads is larger; here it may be one that this model doesn't read. */
    private static final long LARGEST_FILE = 256_000_000;

    private static final int HEX_DIGITS = 12;

    private final MessageDigest digest;
    private final byte[] buffer = new byte[1 << 16];

    private Digest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /**
     * The version.
     *
     * @param weights of which all that the model needs has been taken
     */
    static String of(Path folder, ModelConfig config, Weights weights) {
        Digest version = new Digest();
        FILES.forEach(file -> version.updateIfThere(folder, file));
        config.dense()
                .forEach(dense -> version.updateIfThere(folder, dense.folder() + "/config.json"));
        TextLength.SENTENCE_FILES.forEach(file -> version.updateIfThere(folder, file));
        weights.files().forEach(file -> version.update(file, weights.taken(file)));
        return HexFormat.of().formatHex(version.digest.digest()).substring(0, HEX_DIGITS);
    }

    private void updateIfThere(Path folder, String file) {
        Path path = folder.resolve(file);
        if (Files.isRegularFile(path)) {
            update(file, path);
        }
    }

    private void update(String file, Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            long size = Files.size(path);
            if (size > LARGEST_FILE) {
                throw new CheckpointException(
                        file, "", "at most " + LARGEST_FILE + " bytes", size + " bytes");
            }
            begin(file, size);
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        } catch (IOException e) {
            throw new CheckpointException(file, "", "a readable file", e.toString(), e);
        }
    }

    private void update(SafetensorsFile file, List<StoredTensor> taken) {
        begin(file.file(), file.size());
        update(file.header());
        taken.forEach(tensor -> update(file.bytes(tensor.name())));
    }

    private void begin(String file, long size) {
        digest.update(file.getBytes(StandardCharsets.UTF_8));
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
    }

    private void update(MemorySegment bytes) {
        for (long from = 0; from < bytes.byteSize(); from += buffer.length) {
            int count = (int) Math.min(buffer.length, bytes.byteSize() - from);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, from, buffer, 0, count);
            digest.update(buffer, 0, count);
        }
    }
}
