package org.flinksigmoid.operators.table;

import java.util.List;
import org.apache.flink.table.functions.FunctionContext;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.device.GpuIndex;
import org.flinksigmoid.operators.inference.SharedModel;
import org.flinksigmoid.operators.window.SpeechTranscriber;

/**
 * A transcriber and its share in the model that it asks.
 *
 * @param shared the model
 * @param transcriber of one task
 */
record LoadedTranscriber(SharedModel<SpeechModel> shared, SpeechTranscriber transcriber)
        implements AutoCloseable {
    /** Loads the model, or joins those who share it. */
    static LoadedTranscriber load(
            String path,
            TranscribeOptions options,
            FunctionContext context,
            TranscribeMetrics metrics)
            throws Exception {
        SharedModel<SpeechModel> shared =
                SharedModel.speech(
                        path,
                        options.engine(),
                        context.getExternalResourceInfos(GpuIndex.RESOURCE));
        SpeechModel model = shared.get();
        return new LoadedTranscriber(
                shared,
                new SpeechTranscriber(
                        model.preprocessor(),
                        model.ctcLabels(),
                        options.windows(),
                        options.partials(),
                        features -> encode(model, features, metrics)));
    }

    private static List<float[]> encode(
            SpeechModel model, List<float[]> features, TranscribeMetrics metrics) {
        metrics.windows(features.size());
        return model.infer(features);
    }

    /** Samples per second that the model hears. */
    int sampleRate() {
        return shared.get().preprocessor().mel().sampleRate();
    }

    @Override
    public void close() {
        shared.close();
    }
}
