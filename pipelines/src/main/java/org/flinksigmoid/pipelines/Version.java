package org.flinksigmoid.pipelines;

import java.util.Objects;
import picocli.CommandLine;

/** What {@code --version} prints: the version in the jar's manifest. */
public final class Version implements CommandLine.IVersionProvider {
    /** Made by picocli. */
    public Version() {}

    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "flink-sigmoid " + Objects.requireNonNullElse(version, "from class files")
        };
    }
}
