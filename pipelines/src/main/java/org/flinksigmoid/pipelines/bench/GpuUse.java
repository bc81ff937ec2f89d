package org.flinksigmoid.pipelines.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.OptionalDouble;

/**
 * How busy a GPU is, as {@code nvidia-smi} samples it: the share of the time in which a kernel ran.
 */
final class GpuUse implements AutoCloseable {
    private static final String PERIOD_MILLIS = "200";

    private final Process process;
    private double sum;
    private int samples;

    private GpuUse(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "gpu use");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts sampling; without {@code nvidia-smi} there is never a result. */
    static GpuUse of(int device) {
        try {
            return new GpuUse(
                    new ProcessBuilder(
                                    "nvidia-smi",
                                    "--query-gpu=utilization.gpu",
                                    "--format=csv,noheader,nounits",
                                    "--id=" + device,
                                    "--loop-ms=" + PERIOD_MILLIS)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start());
        } catch (IOException e) {
            return new GpuUse(null);
        }
    }

    private void read() {
        if (process == null) {
            return;
        }
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                add(line.strip());
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private synchronized void add(String percent) {
        if (percent.matches("\\d+")) { // or why there is none
            sum += Integer.parseInt(percent) / 100.0;
            samples++;
        }
    }

    /** Mean share since the last call; empty if there was no sample. */
    synchronized OptionalDouble take() {
        OptionalDouble mean =
                samples == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / samples);
        sum = 0;
        samples = 0;
        return mean;
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroy();
        }
    }
}
