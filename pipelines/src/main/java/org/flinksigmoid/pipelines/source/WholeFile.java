package org.flinksigmoid.pipelines.source;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bytes of a file whose end is an error where the file was cut short after it was opened. */
public final class WholeFile extends FilterInputStream {
    private final Path file;
    private final long size;
    private long found;

    private WholeFile(InputStream in, Path file) throws IOException {
        super(in);
        this.file = file;
        this.size = Files.size(file);
    }

    /**
     * Opens it; one that grows is read to its new end. A pipe is refused: it could block for ever.
     */
    public static InputStream open(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException(file + ": expected a file, found what is none");
        }
        InputStream in = Files.newInputStream(file);
        try {
            return new BufferedInputStream(new WholeFile(in, file));
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        count(b < 0 ? b : 1);
        return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        return count(super.read(bytes, offset, length));
    }

    private int count(int read) throws IOException {
        found += Math.max(read, 0);
        // Files of a system's own may say any size.
        if (read < 0 && found < size && Files.size(file) < size) {
            throw new IOException(
                    "expected %d bytes, as when it was opened, found %d: it was cut short meanwhile"
                            .formatted(size, found));
        }
        return read;
    }
}
