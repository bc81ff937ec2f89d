package org.flinksigmoid.kernels.bench;

import java.util.List;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Encoders with narrow weights in turn with the same encoders with floats. */
public final class WeightsSuite implements BenchSuite {
    /** For {@link java.util.ServiceLoader}. */
    public WeightsSuite() {}

    @Override
    public Comparisons.Table table() {
        return Comparisons.Table.WEIGHTS;
    }

    @Override
    public List<BenchCase> cases(int threads) {
        return WeightsWork.all(threads).stream()
                .map(work -> new BenchCase(work.name(), WeightsWork.AGAINST, () -> prepare(work)))
                .toList();
    }

    private static Contest prepare(WeightsWork work) {
        RaggedBatch batch = work.batch();
        Input input = work.encoder().features(batch.rows());
        Backend narrowBackend = work.open(work.format());
        Backend floatBackend = work.open(WeightFormat.FLOAT);
        Executable narrow = narrowBackend.prepare(work.encoder().program());
        Executable floats = floatBackend.prepare(work.encoder().program());
        double operations = work.sequences() * work.encoder().operations(work.rows());
        return new Contest(
                new Contest.Contender(() -> narrow.run(batch, input), operations),
                new Contest.Contender(() -> floats.run(batch, input), operations),
                Contest.limit(narrowBackend),
                List.of(narrow::close, floats::close, narrowBackend::close, floatBackend::close));
    }
}
