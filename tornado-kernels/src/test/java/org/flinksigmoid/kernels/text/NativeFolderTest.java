package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Native code is loaded from no folder that another user could have put it into. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "no permissions of Unix")
class NativeFolderTest {
    @TempDir Path temporary;
    private Path folder;

    @BeforeEach
    void anybodyMayWriteHere() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        folder = temporary.resolve(".djl.ai");
    }

    @Test
    void whereAnybodyCouldComeBeforeItIsMadeForThisUserAlone() throws IOException {
        NativeFolder.requireOwn(folder);
        NativeFolder.requireOwn(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(temporary.toFile().list()).containsExactly(".djl.ai");
    }

    @Test
    void elsewhereItIsLeftToTheLibrary() {
        NativeFolder.requireOwn(folder);
        NativeFolder.requireOwn(folder.resolve("tokenizers"));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void oneThatAnybodyCanWriteToIsRefused() throws IOException {
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> NativeFolder.requireOwn(folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "The tokenizers library would load native code from %s, and anybody can write to it: name another folder by the environment variable ENGINE_CACHE_DIR."
                                .formatted(folder));
    }

    @Test
    void oneOfSomebodyElseIsRefused() throws IOException {
        Files.createDirectory(folder);
        UserPrincipal self = Files.getOwner(folder);
        UserPrincipal other =
                folder.getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName("nobody");
        NativeFolder.requireOf(self, folder);
        if (isRoots(folder)) { // root may give it away, and is trusted
            Files.setOwner(folder, other);
        } else {
            self = other;
        }
        UserPrincipal user = self;
        assertThatThrownBy(() -> NativeFolder.requireOf(user, folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(", and it is of " + Files.getOwner(folder).getName());
    }

    @Test
    void aLinkToNothingIsNoFolder() throws IOException {
        Files.createSymbolicLink(folder, temporary.resolve("gone"));
        assertThatThrownBy(() -> NativeFolder.requireOwn(folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("can't be unpacked to " + folder);
    }

    private static boolean isRoots(Path folder) throws IOException {
        return Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0);
    }
}
