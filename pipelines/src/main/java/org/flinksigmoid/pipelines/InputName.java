package org.flinksigmoid.pipelines;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What names an input, or any file. Nothing, as a shell makes of a variable that is not set, is
 * wrong usage.
 */
public final class InputName implements ITypeConverter<String> {
    /** Made by picocli. */
    public InputName() {}

    /** The same of a file. */
    public static Path path(String text) {
        return Path.of(new InputName().convert(text));
    }

    @Override
    public String convert(String text) {
        if (text.isEmpty()) { // to Java it is the current folder
            throw new TypeConversionException("expected a name, found none");
        }
        return text;
    }
}
