package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.flinksigmoid.pipelines.source.BadInput;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ExitCode;

class ProblemsTest {
    private final StringWriter text = new StringWriter();
    private final Problems problems = new Problems(new PrintWriter(text));

    @Test
    void theSameReasonOfOneInputIsToldThreeTimesAndCounted() {
        for (int chunk = 0; chunk < 8000; chunk++) {
            problems.accept(new BadInput("a.wav chunk " + chunk, "too slow"));
        }
        problems.counting(result -> {}).accept("a result of another");
        problems.summarise(ExitCode.OK);

        assertThat(text.toString().lines())
                .containsExactly(
                        "left out: a.wav chunk 0: too slow",
                        "left out: a.wav chunk 1: too slow",
                        "left out: a.wav chunk 2: too slow",
                        "8000 of the inputs, or parts of them, were left out; see above, but for"
                                + " 7997 more of the same reasons.");
    }

    @Test
    void theRoundsOfALoopAreOneInput() {
        problems.accept(new BadInput("a.wav", "no RIFF"));
        for (int round = 2; round < 1000; round++) {
            problems.accept(new BadInput("a.wav#" + round, "no RIFF"));
            problems.accept(new BadInput("a.txt#" + round + " line 7", "no UTF-8"));
        }
        assertThat(text.toString().lines())
                .hasSize(6)
                .contains("left out: a.wav#3: no RIFF", "left out: a.txt#4 line 7: no UTF-8");
    }

    @Test
    void controlCharactersAreShown() {
        problems.accept(new BadInput("a\u001b.wav", "b\u2028c"));
        assertThat(text.toString()).isEqualTo("left out: a\\u001b.wav: b\\u2028c\n");
    }

    @Test
    void everyInputIsNamedThoughTheirReasonsAreEqual() {
        for (int file = 0; file < 50; file++) {
            problems.accept(new BadInput(file + ".wav", "no RIFF"));
        }
        problems.accept(new BadInput("0.wav", "something else"));
        problems.counting(result -> {}).accept("a result of another");
        problems.summarise(ExitCode.OK);

        assertThat(text.toString().lines())
                .hasSize(52)
                .contains("left out: 49.wav: no RIFF", "left out: 0.wav: something else")
                .endsWith("51 of the inputs, or parts of them, were left out; see above.");
    }

    @Test
    void onlyProblemsWithoutAnyResultAreAFailure() {
        assertThat(problems.summarise(ExitCode.OK)).as("nothing at all").isZero();
        problems.accept(new BadInput("a.wav", "no RIFF"));
        assertThat(problems.summarise(ExitCode.OK)).isEqualTo(1);
        assertThat(text.toString()).endsWith("No result: nothing that came in could be used.\n");
        problems.counting(result -> {}).accept("a result");
        assertThat(problems.summarise(ExitCode.OK)).isZero();
    }
}
