package org.flinksigmoid.operators.table;

import java.util.List;
import org.apache.flink.table.functions.FunctionContext;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.operators.device.SharedEngines.Lease;
import org.flinksigmoid.operators.window.SpeechTranscriber;

/**
 * A transcriber and its share in the model that it asks.
 *
 * @param lease of the model
 * @param transcriber of one task
 */
record LoadedTranscriber(Lease<SpeechModel> lease, SpeechTranscriber transcriber)
        implements AutoCloseable {
    private static final int BLANK = 0;

    /** Loads the model, or joins those who share it. */
    static LoadedTranscriber load(
            String path,
            TranscribeOptions options,
            FunctionContext context,
            TranscribeMetrics metrics)
            throws Exception {
        Lease<SpeechModel> lease =
                SharedModel.acquire(
                        path, options.engine(), context, SpeechModel.class, SpeechModel::load);
        SpeechModel model = lease.engine();
        return new LoadedTranscriber(
                lease,
                new SpeechTranscriber(
                        model.preprocessor(),
                        new CtcLabels(model.labels(), BLANK),
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
        return lease.engine().preprocessor().mel().sampleRate();
    }

    @Override
    public void close() {
        lease.close();
    }
}
