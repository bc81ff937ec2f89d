package org.flinksigmoid.kernels.audio;

import java.util.ArrayList;
import java.util.List;

/** Streams of odd rates side by side, whose tables together are larger than this JVM's heap. */
final class OddRatesProbe {
    private static final int FIRST = 39_001;
    private static final int STREAMS = 8;

    private OddRatesProbe() {}

    /** Prints {@code done} when every stream has been heard. */
    public static void main(String[] arguments) {
        SpeechFrontEnd frontEnd = new SpeechFrontEnd(PreprocessorConfig.DIGITS);
        List<SpeechStream> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            SpeechStream stream = frontEnd.open(FIRST + 2 * i);
            stream.accept(new float[2000], 0, 2000, window -> {});
            streams.add(stream);
        }
        for (SpeechStream stream : streams.subList(0, 2)) {
            stream.finish(window -> {});
        }
        System.out.println("done");
    }
}
