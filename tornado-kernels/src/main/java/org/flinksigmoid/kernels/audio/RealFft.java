package org.flinksigmoid.kernels.audio;

/**
 * Power spectrum of a real signal: radix-2 FFT of half the length on (even, odd) pairs, then the
 * usual untangling. {@code O(n log n)}; double throughout, because the quiet mel bands lie some 100
 * dB under the loud ones and single precision would show in their logarithms. Not thread-safe.
 */
final class RealFft {
    private final int half;
    private final double[] cosines;
    private final double[] sines;
    private final int[] reversed;
    private final double[] re;
    private final double[] im;

    /**
     * @param size points, a power of two, at least 4
     */
    RealFft(int size) {
        if (size < 4 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException(
                    "FFT size: expected a power of two >= 4, found " + size);
        }
        half = size / 2;
        cosines = new double[half];
        sines = new double[half];
        for (int i = 0; i < half; i++) {
            cosines[i] = Math.cos(2 * Math.PI * i / size);
            sines[i] = Math.sin(2 * Math.PI * i / size);
        }
        reversed = new int[half];
        int shift = Integer.numberOfLeadingZeros(half) + 1;
        for (int i = 0; i < half; i++) {
            reversed[i] = Integer.reverse(i) >>> shift;
        }
        re = new double[half];
        im = new double[half];
    }

    /**
     * @param signal {@code size} values
     * @param power receives {@code size / 2 + 1} values, |X[k]|^2
     */
    void power(double[] signal, double[] power) {
        for (int i = 0; i < half; i++) {
            re[reversed[i]] = signal[2 * i];
            im[reversed[i]] = signal[2 * i + 1];
        }
        int length = 2;
        if (half >= 4) {
            fours();
            length = 8;
        }
        for (; 2 * length <= half; length *= 4) {
            twice(length);
        }
        if (length <= half) {
            butterflies(length);
        }
        power[0] = square(re[0] + im[0]);
        power[half] = square(re[0] - im[0]);
        for (int k = 1; k < half; k++) {
            // X[k] = E[k] + exp(-2 pi i k / size) O[k], E and O from Z[k] and conj(Z[half - k]).
            double evenRe = 0.5 * (re[k] + re[half - k]);
            double evenIm = 0.5 * (im[k] - im[half - k]);
            double oddRe = 0.5 * (im[k] + im[half - k]);
            double oddIm = 0.5 * (re[half - k] - re[k]);
            double c = cosines[k];
            double s = sines[k];
            power[k] =
                    square(evenRe + c * oddRe + s * oddIm) + square(evenIm + c * oddIm - s * oddRe);
        }
    }

    /** The steps of length 2 and 4, whose factors are 1 and -i. */
    private void fours() {
        for (int a = 0; a < half; a += 4) {
            double firstRe = re[a] + re[a + 1];
            double firstIm = im[a] + im[a + 1];
            double secondRe = re[a] - re[a + 1];
            double secondIm = im[a] - im[a + 1];
            double thirdRe = re[a + 2] + re[a + 3];
            double thirdIm = im[a + 2] + im[a + 3];
            double fourthRe = re[a + 2] - re[a + 3];
            double fourthIm = im[a + 2] - im[a + 3];
            re[a] = firstRe + thirdRe;
            im[a] = firstIm + thirdIm;
            re[a + 1] = secondRe + fourthIm;
            im[a + 1] = secondIm - fourthRe;
            re[a + 2] = firstRe - thirdRe;
            im[a + 2] = firstIm - thirdIm;
            re[a + 3] = secondRe - fourthIm;
            im[a + 3] = secondIm + fourthRe;
        }
    }

    /** The steps of {@code length} and twice that, with one visit to memory. */
    private void twice(int length) {
        int quarter = length / 2;
        int stride = 2 * half / length;
        for (int start = 0; start < half; start += 2 * length) {
            for (int j = 0; j < quarter; j++) {
                int a = start + j;
                int b = a + quarter;
                int c = a + length;
                int d = c + quarter;
                double cos = cosines[j * stride];
                double sin = sines[j * stride];
                double turnedRe = cos * re[b] + sin * im[b];
                double turnedIm = cos * im[b] - sin * re[b];
                double firstRe = re[a] + turnedRe;
                double firstIm = im[a] + turnedIm;
                double secondRe = re[a] - turnedRe;
                double secondIm = im[a] - turnedIm;
                turnedRe = cos * re[d] + sin * im[d];
                turnedIm = cos * im[d] - sin * re[d];
                double thirdRe = re[c] + turnedRe;
                double thirdIm = im[c] + turnedIm;
                double fourthRe = re[c] - turnedRe;
                double fourthIm = im[c] - turnedIm;
                cos = cosines[j * stride / 2];
                sin = sines[j * stride / 2];
                turnedRe = cos * thirdRe + sin * thirdIm;
                turnedIm = cos * thirdIm - sin * thirdRe;
                re[a] = firstRe + turnedRe;
                im[a] = firstIm + turnedIm;
                re[c] = firstRe - turnedRe;
                im[c] = firstIm - turnedIm;
                // A quarter of a turn on, the factor is -i times that.
                turnedRe = cos * fourthIm - sin * fourthRe;
                turnedIm = -cos * fourthRe - sin * fourthIm;
                re[b] = secondRe + turnedRe;
                im[b] = secondIm + turnedIm;
                re[d] = secondRe - turnedRe;
                im[d] = secondIm - turnedIm;
            }
        }
    }

    private void butterflies(int length) {
        int stride = 2 * half / length;
        for (int start = 0; start < half; start += length) {
            for (int j = 0; j < length / 2; j++) {
                double c = cosines[j * stride];
                double s = sines[j * stride];
                int a = start + j;
                int b = a + length / 2;
                double bRe = c * re[b] + s * im[b];
                double bIm = c * im[b] - s * re[b];
                re[b] = re[a] - bRe;
                im[b] = im[a] - bIm;
                re[a] += bRe;
                im[a] += bIm;
            }
        }
    }

    private static double square(double x) {
        return x * x;
    }
}
