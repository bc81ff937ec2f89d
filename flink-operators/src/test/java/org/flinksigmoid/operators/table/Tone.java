package org.flinksigmoid.operators.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Made-up audio: two changing tones. */
final class Tone {
    private Tone() {}

    static short[] of(int rate, double seconds) {
        short[] samples = new short[(int) (rate * seconds)];
        for (int i = 0; i < samples.length; i++) {
            double t = (double) i / rate;
            double pitch = 300 + 200 * Math.floor(t * 5);
            samples[i] =
                    (short)
                            (8000 * Math.sin(2 * Math.PI * pitch * t)
                                    + 3000 * Math.sin(2 * Math.PI * 2.7 * pitch * t));
        }
        return samples;
    }

    static byte[] pcm16(short[] samples) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(samples);
        return bytes.array();
    }

    static Float[] floats(short[] samples) {
        Float[] floats = new Float[samples.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = samples[i] / 32768f;
        }
        return floats;
    }
}
