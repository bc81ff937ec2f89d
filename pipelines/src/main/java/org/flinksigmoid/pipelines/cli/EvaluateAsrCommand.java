package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.asr.AudioFormat;
import org.flinksigmoid.pipelines.evaluation.DigitClip;
import org.flinksigmoid.pipelines.evaluation.DigitStrings;
import org.flinksigmoid.pipelines.evaluation.IndexRanges;
import org.flinksigmoid.pipelines.evaluation.LabelledStream;
import org.flinksigmoid.pipelines.evaluation.Manifest;
import org.flinksigmoid.pipelines.evaluation.OfflineRecognizer;
import org.flinksigmoid.pipelines.evaluation.WordErrorReport;
import org.flinksigmoid.pipelines.evaluation.WordErrors;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.Reasons;
import org.flinksigmoid.pipelines.source.StreamInput;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid evaluate asr}: the speech job over labelled audio. */
@Command(
        name = "asr",
        description =
                "Run the streaming speech job over labelled audio and print the word error rate.",
        footer = {
            "",
            "  flink-sigmoid evaluate asr --model digits-ctc --data FOLDER --indices 0-4",
            "  flink-sigmoid evaluate asr --model digits-ctc --data FOLDER --strings 200 --seed 1"
        })
final class EvaluateAsrCommand implements Callable<Integer> {
    @Mixin private LoggingOptions logging;
    @Mixin private EngineOptions engine;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            required = true,
            description = "Folder of a checkpoint, or the name of a shipped model.")
    private String model;

    @ArgGroup(multiplicity = "1")
    private Source source;

    /** Where the audio comes from: one of the two. */
    static final class Source {
        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "Folder of spoken digits, named {digit}_{speaker}_{index}.wav.")
        private Path data;

        @Option(
                names = "--manifest",
                paramLabel = "FILE",
                description =
                        "Lines path<TAB>transcript, for any audio; paths are relative to the file's"
                                + " folder.")
        private Path manifest;
    }

    @Option(
            names = "--speakers",
            paramLabel = "A,B",
            split = ",",
            description = "Only these speakers of the folder.")
    private List<String> speakers = List.of();

    @Option(
            names = "--indices",
            paramLabel = "0-4",
            description = "Only recordings with these indices, as 0-4 or 0-4,7.")
    private String indices;

    @Option(
            names = "--strings",
            paramLabel = "N",
            converter = WholeNumber.Positive.class,
            description =
                    "Build N strings of 3 to 7 digits out of the recordings, within a speaker.")
    private Integer strings;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description =
                    "Which strings; the same seed, the same strings. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--offline",
            description =
                    "Whole utterances in one pass, without Flink and windows, to compare with.")
    private boolean offline;

    @Option(names = "--json", description = "Print the result as one JSON object, last of all.")
    private boolean json;

    EvaluateAsrCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path folder = ModelOption.resolve(model);
        List<LabelledStream> streams = streams();
        String backend = engine.select().provider().name();
        Problems problems = new Problems(err);
        Map<String, String> texts;
        try (Progress progress = Terminal.detect().progress(err, "transcribing", streams.size())) {
            texts =
                    offline
                            ? offline(folder, streams, progress, problems)
                            : streaming(folder, streams, progress, problems);
        }
        int code = problems.summarise(CommandLine.ExitCode.OK);
        WordErrorReport report = new WordErrorReport();
        for (LabelledStream stream : streams) {
            report.add(stream, texts.getOrDefault(stream.input().id(), ""));
        }
        String weights = engine.toModelOptions().weights().toString();
        String mode = offline ? "offline" : "streaming";
        if (json) {
            out.println(toJson(report, mode, backend, weights));
        } else {
            report.table().stream().map(Printable::of).forEach(out::println);
            out.printf("%s, backend %s, weights %s%n", mode, backend, weights);
        }
        StandardOutput.flush(out);
        return code;
    }

    private List<LabelledStream> streams() throws IOException {
        if (source.manifest != null) {
            if (strings != null || indices != null || !speakers.isEmpty()) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        "--speakers, --indices and --strings go with --data, not with --manifest");
            }
            return Manifest.read(source.manifest);
        }
        IndexRanges wanted = wanted();
        List<DigitClip> all = DigitClip.in(source.data);
        List<DigitClip> clips =
                all.stream()
                        .filter(clip -> speakers.isEmpty() || speakers.contains(clip.speaker()))
                        .filter(clip -> wanted.contains(clip.index()))
                        .toList();
        if (clips.isEmpty()) {
            throw new IOException(
                    "%s: expected recordings {digit}_{speaker}_{index}.wav of the wanted speakers and"
                                    .formatted(source.data)
                            + " indices, found none; speakers there: "
                            + all.stream().map(DigitClip::speaker).distinct().toList());
        }
        if (strings != null) {
            return DigitStrings.of(clips, strings, seed);
        }
        return clips.stream()
                .map(
                        clip ->
                                new LabelledStream(
                                        new StreamInput(
                                                clip.id(),
                                                List.of(clip.file().toAbsolutePath().toString())),
                                        clip.speaker(),
                                        Integer.toString(clip.digit())))
                .toList();
    }

    private IndexRanges wanted() {
        try {
            return indices == null ? IndexRanges.ALL : IndexRanges.parse(indices);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
        }
    }

    private Map<String, String> streaming(
            Path folder, List<LabelledStream> streams, Progress progress, Problems problems)
            throws Exception {
        Map<String, String> texts = new HashMap<>();
        EvaluationJobs.transcribe(
                streams.stream().map(LabelledStream::input).toList(),
                AudioFormat.DEFAULT,
                AsrOptions.of(folder).withEngine(engine.toModelOptions()).withPartials(false),
                problems.counting(
                        transcript -> {
                            texts.merge(
                                    transcript.streamId(),
                                    transcript.text(),
                                    (before, after) -> (before + " " + after).strip());
                            if (transcript.endOfStream()) {
                                progress.step();
                            }
                        }),
                problems);
        return texts;
    }

    private Map<String, String> offline(
            Path folder, List<LabelledStream> streams, Progress progress, Problems problems) {
        Map<String, String> texts = new HashMap<>();
        Consumer<StreamInput> done = problems.counting(input -> {});
        try (SpeechModel loaded = SpeechModel.load(folder, engine.toModelOptions())) {
            OfflineRecognizer recognizer = new OfflineRecognizer(loaded, AudioFormat.DEFAULT);
            for (LabelledStream stream : streams) {
                try {
                    texts.put(stream.input().id(), recognizer.transcribe(stream.input()));
                    done.accept(stream.input());
                } catch (IOException e) {
                    problems.accept(new BadInput(stream.input().id(), Reasons.of(e)));
                }
                progress.step();
            }
        }
        return texts;
    }

    private static ObjectNode toJson(
            WordErrorReport report, String mode, String backend, String weights) {
        WordErrors total = report.total();
        ObjectNode object = Json.object();
        if (Double.isFinite(total.rate())) {
            object.put("wer", total.rate());
        } else { // errors against no words; JSON has no such number
            object.putNull("wer");
        }
        return object.put("errors", total.errors())
                .put("words", total.words())
                .put("streams", report.streams())
                .put("mode", mode)
                .put("backend", backend)
                .put("weights", weights);
    }
}
