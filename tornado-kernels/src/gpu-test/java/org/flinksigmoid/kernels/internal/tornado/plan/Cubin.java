package org.flinksigmoid.kernels.internal.tornado.plan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the assembler says of the one kernel in a cubin.
 *
 * @param kernel its name
 * @param registers of a thread
 * @param stackBytes of a thread; registers that did not fit
 * @param fences places where a warpgroup's registers are made ready for the matrix unit: one for
 *     all products that are queued together, one for each where the assembler lets none overlap
 */
record Cubin(String kernel, int registers, int stackBytes, int fences) {
    private static final int FRAME_SIZE = 0x11;
    private static final int REGISTER_COUNT = 0x2f;
    private static final int SIZED = 0x04;
    private static final String TEXT = ".text.";

    /** Lower half of {@code WARPGROUP.ARRIVE}, of the 16 bytes of an instruction. */
    private static final long FENCE = 0x79c5;

    private static final int INSTRUCTION = 16;

    /** Reads the {@code .nv.info} and the {@code .text} section of a 64-bit ELF file. */
    static Cubin read(Path file) throws IOException {
        ByteBuffer elf = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int sections = (int) elf.getLong(0x28);
        int entry = elf.getShort(0x3a);
        int count = elf.getShort(0x3c);
        int names = (int) elf.getLong(sections + elf.getShort(0x3e) * entry + 0x18);
        int registers = -1;
        int stack = -1;
        int fences = 0;
        String kernel = "";
        for (int i = 0; i < count; i++) {
            int header = sections + i * entry;
            String section = name(elf, names + elf.getInt(header));
            int at = (int) elf.getLong(header + 0x18);
            int end = at + (int) elf.getLong(header + 0x20);
            if (section.startsWith(TEXT)) {
                kernel = section.substring(TEXT.length());
                fences = fences(elf, at, end);
            }
            if (!section.equals(".nv.info")) {
                continue;
            }
            while (at < end) {
                int size = elf.get(at) == SIZED ? elf.getShort(at + 2) : 0;
                if (elf.get(at + 1) == REGISTER_COUNT) {
                    registers = elf.getInt(at + 8);
                } else if (elf.get(at + 1) == FRAME_SIZE) {
                    stack = elf.getInt(at + 8);
                }
                at += 4 + size;
            }
        }
        if (registers < 0 || stack < 0) {
            throw new IOException(file + ": no register count or frame size in .nv.info");
        }
        return new Cubin(kernel, registers, stack, fences);
    }

    private static int fences(ByteBuffer elf, int from, int end) {
        int fences = 0;
        for (int at = from; at < end; at += INSTRUCTION) {
            if (elf.getLong(at) == FENCE) {
                fences++;
            }
        }
        return fences;
    }

    private static String name(ByteBuffer elf, int at) {
        int end = at;
        while (elf.get(end) != 0) {
            end++;
        }
        return new String(elf.array(), at, end - at, StandardCharsets.US_ASCII);
    }
}
