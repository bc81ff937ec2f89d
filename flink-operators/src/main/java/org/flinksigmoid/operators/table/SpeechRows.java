package org.flinksigmoid.operators.table;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.audio.WavReader;
import org.flinksigmoid.kernels.decode.CtcGreedy;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.inference.InvalidRecordException;
import org.flinksigmoid.operators.inference.SharedModel;
import org.flinksigmoid.operators.table.OutputColumns.Typed;

/**
 * Whole utterances, up to the longest that the encoder takes at once, to transcripts by the best
 * label of each step. A record is an utterance's features {@code [frames, bands]}.
 */
final class SpeechRows extends RowModel<float[], SpeechModel> {
    private static final long serialVersionUID = 1L;

    private final boolean floats;
    private transient SpeechFrontEnd frontEnd;
    private transient CtcLabels labels;
    private transient int rate;

    /**
     * @param floats whether the input is ARRAY&lt;FLOAT&gt;, not BYTES
     */
    SpeechRows(ModelDefinition definition, boolean floats) {
        super(definition);
        this.floats = floats;
    }

    @Override
    SharedModel<SpeechModel> share(Set<ExternalResourceInfo> resources) throws Exception {
        return SharedModel.speech(definition().path(), definition().engine(), resources);
    }

    @Override
    void opened(SpeechModel model) {
        frontEnd = new SpeechFrontEnd(model.preprocessor());
        labels = model.ctcLabels();
        rate =
                definition().audioRate() > 0
                        ? definition().audioRate()
                        : model.preprocessor().mel().sampleRate();
    }

    @Override
    float[] read(RowData input) throws InvalidRecordException {
        float[] features = floats ? features(input.getArray(0)) : features(input.getBinary(0));
        Optional<String> problem = model().problem(features);
        if (problem.isPresent()) {
            throw refused(problem.get(), null);
        }
        return features;
    }

    /** Before anything is made of them: at a low rate a sample becomes many. */
    private void requireShort(long samples, int sampleRate) throws InvalidRecordException {
        long frames = frontEnd.frames(samples, sampleRate);
        if (frames > model().maxRows()) {
            throw refused(
                    "expected at most %d frames of audio, found %d"
                            .formatted(model().maxRows(), frames),
                    null);
        }
    }

    private float[] features(ArrayData array) throws InvalidRecordException {
        requireShort(array.size(), rate);
        float[] samples = new float[array.size()];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = array.isNullAt(i) ? Float.NaN : array.getFloat(i);
            if (!(Math.abs(samples[i]) <= 1)) {
                throw refused(
                        "expected samples in [-1, 1], found %s at %d"
                                .formatted(array.isNullAt(i) ? "NULL" : samples[i], i),
                        null);
            }
        }
        return frontEnd.features(samples, rate);
    }

    private float[] features(byte[] bytes) throws InvalidRecordException {
        boolean wav =
                switch (definition().audioFormat()) {
                    case AUTO -> beginsAsWav(bytes);
                    case WAV -> true;
                    case PCM16 -> false;
                };
        if (wav) {
            return wavFeatures(bytes);
        }
        requireShort(bytes.length / 2, rate);
        return frontEnd.features(AudioBytes.pcm16(bytes), rate);
    }

    private float[] wavFeatures(byte[] bytes) throws InvalidRecordException {
        int channel = definition().audioChannel();
        try (WavReader reader =
                WavReader.open(new ByteArrayInputStream(bytes), "audio", Math.max(channel, 0))) {
            if (channel == WavReader.MONO_ONLY && reader.channels() > 1) {
                throw refused(
                        "channels: expected 1, or a model whose %s is 0 to %d, found %d"
                                .formatted(
                                        SigmoidModelOptions.AUDIO_CHANNEL.key(),
                                        reader.channels() - 1,
                                        reader.channels()),
                        null);
            }
            if (!frontEnd.supports(reader.sampleRate())) {
                throw refused(
                        "sample rate: expected one in a simple ratio to %d Hz, found %d Hz"
                                .formatted(
                                        frontEnd.config().mel().sampleRate(), reader.sampleRate()),
                        null);
            }
            short[] samples = reader.readAll();
            requireShort(samples.length, reader.sampleRate());
            return frontEnd.features(samples, reader.sampleRate());
        } catch (IOException e) {
            throw refused(e.getMessage(), e);
        }
    }

    private static boolean beginsAsWav(byte[] bytes) {
        return bytes.length >= 12
                && bytes[0] == 'R'
                && bytes[1] == 'I'
                && bytes[2] == 'F'
                && bytes[3] == 'F'
                && bytes[8] == 'W'
                && bytes[9] == 'A'
                && bytes[10] == 'V'
                && bytes[11] == 'E';
    }

    private static InvalidRecordException refused(String why, Exception cause) {
        return new InvalidRecordException(0, why, cause);
    }

    @Override
    public long tokens(float[] features) {
        return Math.max(1, features.length / model().inputWidth());
    }

    @Override
    List<float[]> outputs(List<float[]> batch) {
        return model().infer(batch);
    }

    @Override
    Columns columns(float[] output) {
        String text = labels.text(CtcGreedy.decode(output, labels.size(), labels.blank()));
        return column -> value(column, text);
    }

    private static Object value(Typed column, String text) {
        return switch (column.what()) {
            case TRANSCRIPT -> StringData.fromString(text);
            case LABEL, SCORE, SCORES, EMBEDDING, MODEL_VERSION, ERROR ->
                    throw new IllegalStateException("speech has no " + column.what());
        };
    }
}
