package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Path;

/**
 * A checkpoint folder that can't be used as it is. The message reads {@code field: expected E,
 * found F in file}, as {@code encoder.layers.3.attn.q.weight: expected F16 [256, 256], found F16
 * [256, 128] in model.safetensors}.
 */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String field;
    private final String expected;
    private final String found;

    /**
     * A refusal without an underlying failure.
     *
     * @param file name of the file, without its folder
     * @param field tensor, key or part of the file; empty for the file as a whole
     * @param expected what would have been accepted
     * @param found what was there instead
     */
    public CheckpointException(String file, String field, String expected, String found) {
        this(file, field, expected, found, null);
    }

    /** As above, with the failure that was found. */
    public CheckpointException(
            String file, String field, String expected, String found, Throwable cause) {
        super(message(file, field, expected, found), cause);
        this.file = file;
        this.field = field;
        this.expected = expected;
        this.found = found;
    }

    private CheckpointException(String message, CheckpointException same) {
        super(message, same.getCause());
        file = same.file;
        field = same.field;
        expected = same.expected;
        found = same.found;
        setStackTrace(same.getStackTrace());
    }

    private static String message(String file, String field, String expected, String found) {
        return field.isEmpty()
                ? "%s: expected %s, found %s".formatted(file, expected, found)
                : "%s: expected %s, found %s in %s".formatted(field, expected, found, file);
    }

    /**
     * The same refusal with the folder in front of the message, for those who have several.
     *
     * @param folder the checkpoint's
     */
    public CheckpointException in(Path folder) {
        return new CheckpointException(folder + ": " + getMessage(), this);
    }

    /** Name of the file, without its folder. */
    public String file() {
        return file;
    }

    /** Tensor, key or part of the file; empty for the file as a whole. */
    public String field() {
        return field;
    }

    /** What would have been accepted. */
    public String expected() {
        return expected;
    }

    /** What was there instead. */
    public String found() {
        return found;
    }
}
