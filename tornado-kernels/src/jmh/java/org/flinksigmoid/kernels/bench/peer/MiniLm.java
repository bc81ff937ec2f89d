package org.flinksigmoid.kernels.bench.peer;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * all-MiniLM-L6-v2 (a 6-layer BERT for sentence embeddings, Apache 2.0), from the jar that carries
 * its ONNX export.
 */
public final class MiniLm {
    private static final int HEADS = 12;

    private MiniLm() {}

    /** The ONNX file, for other engines. */
    public static byte[] onnx() throws IOException {
        return resource("all-minilm-l6-v2.onnx");
    }

    /** Writes the same model as a checkpoint folder. */
    public static Path convertTo(Path folder) throws IOException {
        OnnxBert.convert(OnnxFile.parse(onnx()), HEADS, folder);
        Files.write(folder.resolve("tokenizer.json"), resource("all-minilm-l6-v2-tokenizer.json"));
        return folder;
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = MiniLm.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new FileNotFoundException(name + " is not on the class path");
            }
            return in.readAllBytes();
        }
    }
}
