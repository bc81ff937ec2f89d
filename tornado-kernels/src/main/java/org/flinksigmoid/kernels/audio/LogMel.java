package org.flinksigmoid.kernels.audio;

import java.util.Arrays;

/**
 * Natural logarithms of the energies in mel bands, frame by frame: {@code x[t,m] = ln(max(sum_k
 * |FFT(hann * s[t])|^2[k] * f[k,m], floor))}, with triangular filters {@code f}, linear in Hz
 * between corners that lie evenly on HTK's mel scale, {@code 2595 log10(1 + Hz / 700)} (HTK Book,
 * chapter 5), not normalised; no centring, no pre-emphasis, no dither. Frame {@code t} covers
 * samples {@code [t * hop, t * hop + frameLength)}.
 *
 * <p>Holds tables and one frame's scratch: share one a thread, it is not thread-safe.
 */
public final class LogMel {
    private final MelConfig config;
    private final RealFft fft;
    private final double[] window;
    private final int[] firstBin;
    private final double[][] weights;
    private final double[] frame;
    private final double[] power;

    /** Builds the tables. */
    public LogMel(MelConfig config) {
        this.config = config;
        fft = new RealFft(config.fftSize());
        window = new double[config.frameLength()];
        for (int i = 0; i < window.length; i++) {
            window[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / window.length);
        }
        firstBin = new int[config.bands()];
        weights = new double[config.bands()][];
        buildFilters();
        frame = new double[config.fftSize()];
        power = new double[config.fftSize() / 2 + 1];
    }

    /** What this computes. */
    public MelConfig config() {
        return config;
    }

    /**
     * One frame.
     *
     * @param samples in [-1, 1); {@code frameLength} of them from {@code offset}
     * @param out receives {@code bands} log energies from {@code outOffset}
     */
    public void frame(float[] samples, int offset, float[] out, int outOffset) {
        for (int i = 0; i < window.length; i++) {
            frame[i] = samples[offset + i] * window[i];
        }
        fft.power(frame, power);
        for (int band = 0; band < weights.length; band++) {
            double[] filter = weights[band];
            int first = firstBin[band];
            double energy = 0;
            for (int i = 0; i < filter.length; i++) {
                energy += power[first + i] * filter[i];
            }
            out[outOffset + band] = (float) Math.log(Math.max(energy, config.energyFloor()));
        }
    }

    /**
     * A whole signal. A signal shorter than a frame is padded with zeros to one; samples past the
     * last whole frame are left out.
     *
     * @param samples in [-1, 1)
     * @return log energies, {@code [frames, bands]}
     */
    public float[] compute(float[] samples) {
        int frames = Math.toIntExact(config.frames(samples.length));
        float[] out = new float[Math.multiplyExact(frames, config.bands())];
        float[] signal = samples;
        if (frames > 0 && samples.length < config.frameLength()) {
            signal = Arrays.copyOf(samples, config.frameLength());
        }
        for (int t = 0; t < frames; t++) {
            frame(signal, t * config.hopLength(), out, t * config.bands());
        }
        return out;
    }

    private void buildFilters() {
        double[] corners = new double[config.bands() + 2];
        double low = mel(config.minFrequency());
        double step = (mel(config.maxFrequency()) - low) / (corners.length - 1);
        for (int i = 0; i < corners.length; i++) {
            corners[i] = hertz(low + i * step);
        }
        int bins = config.fftSize() / 2 + 1;
        for (int band = 0; band < config.bands(); band++) {
            double[] all = new double[bins];
            int first = bins;
            int end = 0;
            for (int k = 0; k < bins; k++) {
                double frequency = (double) k * config.sampleRate() / config.fftSize();
                double up = (frequency - corners[band]) / (corners[band + 1] - corners[band]);
                double down =
                        (corners[band + 2] - frequency) / (corners[band + 2] - corners[band + 1]);
                all[k] = Math.max(0, Math.min(up, down));
                if (all[k] > 0) {
                    first = Math.min(first, k);
                    end = k + 1;
                }
            }
            firstBin[band] = Math.min(first, end);
            weights[band] = Arrays.copyOfRange(all, firstBin[band], end);
        }
    }

    private static double mel(double hertz) {
        return 2595.0 * Math.log10(1.0 + hertz / 700.0);
    }

    private static double hertz(double mel) {
        return 700.0 * (Math.pow(10.0, mel / 2595.0) - 1.0);
    }
}
