package org.flinksigmoid.pipelines.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.pipelines.asr.AudioFormat;
import org.flinksigmoid.pipelines.asr.AudioInputs;
import org.flinksigmoid.pipelines.evaluation.DigitClip;
import org.flinksigmoid.pipelines.evaluation.DigitStrings;
import org.flinksigmoid.pipelines.evaluation.LabelledStream;
import org.flinksigmoid.pipelines.evaluation.Manifest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid demo}: the jobs on what is bundled, and a summary. */
@Command(
        name = "demo",
        description = {
            "Stream recordings through the speech job and texts through the scoring job, and say"
                    + " how fast it was. Needs no network and no data of yours."
        })
final class DemoCommand implements Callable<Integer> {
    private static final int STRINGS = 6;
    private static final int TEST_INDICES = 5;
    private static final int MOST_FILES = 12;
    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(5);

    private static final String REAL_RECORDING =
            "         (tidigits-dhd.2934z.wav is a real voice: fast connected digits at 16 kHz,"
                    + " unlike what the model learned from)";

    @Mixin private LoggingOptions logging;
    @Mixin private EngineOptions engine;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Option(names = "--fast", description = "As fast as it goes, not at the pace of speech.")
    private boolean fast;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Stream these recordings in place of the bundled ones; of spoken digits named"
                            + " {digit}_{speaker}_{index}.wav it makes strings.")
    private Path data;

    DemoCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        Backends.Selection backend = engine.select();
        List<LabelledStream> streams = streams();
        Path speechModel = ModelOption.resolve("digits-ctc");
        DemoTexts texts = DemoTexts.bundled();
        DemoRun run = new DemoRun(out, engine.toModelOptions(), fast);

        out.println("Compiling the kernels for this machine ...");
        StandardOutput.flush(out);
        WarmUp.run(speechModel, engine.toModelOptions(), LONGEST_WARM_UP);
        out.printf(
                "%nSpeech: %d streams, %s. ~ may still change, = is final%n",
                streams.size(), fast ? "as fast as it goes" : "at the pace of speech");
        StandardOutput.flush(out);
        DemoRun.Speech speech = run.speech(streams, speechModel);
        out.printf(
                "%nTexts: %d through langid, %d through spam%n",
                texts.count(DemoTexts.LANGUAGE), texts.count(DemoTexts.MAIL));
        StandardOutput.flush(out);
        DemoRun.Texts scored =
                run.texts(texts, ModelOption.resolve("langid"), ModelOption.resolve("spam"));
        out.println();
        speech.summary().forEach(out::println);
        scored.summary().forEach(out::println);
        if (data == null) {
            out.println(REAL_RECORDING);
        }
        out.println("backend  " + backend.why());
        StandardOutput.flush(out);
        if (!speech.silent().isEmpty()) {
            throw new IllegalStateException(
                    "demo: expected a transcript of every stream, found none of "
                            + speech.silent());
        }
        return CommandLine.ExitCode.OK;
    }

    private List<LabelledStream> streams() throws IOException {
        if (data == null) {
            return Manifest.read(Home.folder().resolve("demo/audio/manifest.tsv"));
        }
        List<DigitClip> clips = DigitClip.in(data);
        if (!clips.isEmpty()) {
            List<DigitClip> held =
                    clips.stream().filter(clip -> clip.index() < TEST_INDICES).toList();
            return DigitStrings.of(held.isEmpty() ? clips : held, STRINGS, 1);
        }
        return AudioInputs.of(List.of(data.toString())).stream()
                .limit(MOST_FILES)
                .map(input -> new LabelledStream(input, "", ""))
                .toList();
    }

    /** How bundled audio is read. */
    static AudioFormat format() {
        return AudioFormat.DEFAULT;
    }
}
