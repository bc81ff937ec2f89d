package org.flinksigmoid.pipelines.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledInputsTest {
    @TempDir private Path folder;

    @Test
    void clipsAreOrderedBySpeakerDigitAndIndexAsANumber() throws IOException {
        for (String name :
                List.of("1_b_10.wav", "1_b_9.wav", "0_c_0.wav", "9_a_0.wav", "README.md")) {
            Files.createFile(folder.resolve(name));
        }
        assertThat(DigitClip.in(folder))
                .extracting(DigitClip::id)
                .containsExactly("9_a_0", "1_b_9", "1_b_10", "0_c_0");
    }

    @Test
    void aMissingFolderIsNamed() {
        Path missing = folder.resolve("nowhere");
        assertThatThrownBy(() -> DigitClip.in(missing))
                .isInstanceOf(NotDirectoryException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void manifestPathsAreRelativeToItsFolder() throws IOException {
        Path manifest = folder.resolve("list.tsv");
        Files.writeString(manifest, "# path, transcript\na/x.wav\t1  2\n\n/abs/y.wav\t\n");
        List<LabelledStream> streams = Manifest.read(manifest);
        assertThat(streams)
                .extracting(stream -> stream.input().parts().getFirst())
                .containsExactly(folder.resolve("a/x.wav").toString(), "/abs/y.wav");
        assertThat(streams).extracting(LabelledStream::transcript).containsExactly("1 2", "");
    }

    @Test
    void theRootIsNoFileOfAManifest() throws IOException {
        Path manifest = Files.writeString(folder.resolve("list.tsv"), "/\t1\n");
        assertThatThrownBy(() -> Manifest.read(manifest))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 1: expected a file's path, found /");
    }

    @Test
    void aManifestLineWithoutATabIsNamedByItsNumber() throws IOException {
        Path manifest = Files.writeString(folder.resolve("list.tsv"), "x.wav\t1\ny.wav 2\n");
        assertThatThrownBy(() -> Manifest.read(manifest))
                .hasMessageContaining("list.tsv line 2")
                .hasMessageContaining("path<TAB>transcript");
    }

    @Test
    void aFolderInPlaceOfLinesIsNamed() {
        String message = folder + ": expected a file of lines, found a folder";
        assertThatThrownBy(() -> Manifest.read(folder)).hasMessage(message);
        assertThatThrownBy(() -> LabelledText.read(folder, 2)).hasMessage(message);
    }

    @Test
    void textsAreCutToCodePointsNotToHalfAPair() throws IOException {
        Path file = Files.writeString(folder.resolve("t.tsv"), "yes\t😀😀b\tc\nno\t\n");
        assertThat(LabelledText.read(file, 2))
                .containsExactly(new LabelledText("yes", "😀😀"), new LabelledText("no", ""));
    }

    @Test
    void aLineThatIsNotUtf8IsNamedByItsNumber() throws IOException {
        Path file = folder.resolve("t.tsv");
        Files.write(file, "yes\ta\nno\tgr\u00fcn\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> LabelledText.read(file, 2))
                .hasMessage(file + " line 2: expected UTF-8, found a byte that is not");
        assertThatThrownBy(() -> Manifest.read(file)).hasMessageContaining("line 2");
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstField() throws IOException {
        Path file = Files.writeString(folder.resolve("t.tsv"), "\uFEFFyes\ta\n");
        assertThat(LabelledText.read(file, 2)).containsExactly(new LabelledText("yes", "a"));
        assertThat(Manifest.read(file).getFirst().input().id()).isEqualTo("yes");
    }

    @Test
    void indexRangesTakeNumbersAndRanges() {
        IndexRanges ranges = IndexRanges.parse("0-4, 7");
        assertThat(List.of(0, 4, 7)).allMatch(ranges::contains);
        assertThat(List.of(5, 6, 8)).noneMatch(ranges::contains);
        assertThatThrownBy(() -> IndexRanges.parse("4-0")).hasMessageContaining("4-0");
        assertThatThrownBy(() -> IndexRanges.parse("a")).hasMessageContaining("found a");
    }
}
