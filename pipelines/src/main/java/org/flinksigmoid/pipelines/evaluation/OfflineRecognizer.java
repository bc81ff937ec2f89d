package org.flinksigmoid.pipelines.evaluation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.decode.CtcGreedy;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.pipelines.asr.AudioFormat;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;

/**
 * Whole utterances in one pass of the encoder, without Flink and without windows: what streaming is
 * compared with. Meant for up to half a minute of audio each; not thread-safe.
 */
public final class OfflineRecognizer {
    private final SpeechModel model;
    private final SpeechFrontEnd frontEnd;
    private final CtcLabels labels;
    private final AudioFormat format;

    /**
     * @param model stays the caller's
     * @param format how files are read
     */
    public OfflineRecognizer(SpeechModel model, AudioFormat format) {
        this.model = model;
        this.frontEnd = new SpeechFrontEnd(model.preprocessor());
        this.labels = model.ctcLabels();
        this.format = format;
    }

    /**
     * What is said in a stream.
     *
     * @throws IOException if the audio can't be read, or not to its end
     */
    public String transcribe(StreamInput input) throws IOException {
        float[] features = features(input);
        Optional<String> problem = model.problem(features);
        if (problem.isPresent()) {
            throw new IOException(input.id() + ": " + problem.get());
        }
        float[] scores = model.infer(List.of(features)).getFirst();
        return labels.text(CtcGreedy.decode(scores, labels.size(), labels.blank()));
    }

    private float[] features(StreamInput input) throws IOException {
        StreamSplit split = new StreamSplit(input, 0, 0, 0);
        List<AudioChunk> chunks = new ArrayList<>();
        try (RecordReader<AudioChunk> reader = format.open(split)) {
            for (var item = reader.next(); item.isPresent(); item = reader.next()) {
                if (item.get().value().isRight()) {
                    BadInput bad = item.get().value().right();
                    throw new IOException(bad.toString());
                }
                chunks.add(item.get().value().left());
            }
        }
        int size = chunks.stream().mapToInt(chunk -> chunk.samples().length).sum();
        short[] samples = new short[size];
        int at = 0;
        for (AudioChunk chunk : chunks) {
            System.arraycopy(chunk.samples(), 0, samples, at, chunk.samples().length);
            at += chunk.samples().length;
        }
        return frontEnd.features(samples, chunks.getFirst().sampleRate());
    }
}
