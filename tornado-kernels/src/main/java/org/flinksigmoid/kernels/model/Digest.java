package org.flinksigmoid.kernels.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;

/** The version of a checkpoint: a digest over the names and bytes of the files that are read. */
final class Digest {
    private static final List<String> FILES =
            List.of(
                    "config.json",
                    "preprocessor_config.json",
                    "tokenizer.json",
                    "vocab.json",
                    "1_Pooling/config.json",
                    "model.safetensors");
    private static final int HEX_DIGITS = 12;

    private Digest() {}

    static String of(Path folder) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
        byte[] buffer = new byte[1 << 16];
        for (String file : FILES) {
            Path path = folder.resolve(file);
            if (Files.isRegularFile(path)) {
                update(digest, file, path, buffer);
            }
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, HEX_DIGITS);
    }

    private static void update(MessageDigest digest, String file, Path path, byte[] buffer) {
        try (InputStream in = Files.newInputStream(path)) {
            digest.update(file.getBytes(StandardCharsets.UTF_8));
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, Files.size(path)));
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        } catch (IOException e) {
            throw new CheckpointException(file, "", "a readable file", e.toString(), e);
        }
    }
}
