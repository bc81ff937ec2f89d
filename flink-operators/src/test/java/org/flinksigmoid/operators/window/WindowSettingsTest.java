package org.flinksigmoid.operators.window;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A setting of either kind of windows that is missing is named where it is set. */
class WindowSettingsTest {
    private final SpeechWindows speech = SpeechWindows.of(SpeechHarness.CONFIG);
    private final TextWindows texts = TextWindows.sessions(ofSeconds(1));

    @Test
    void whatIsMissingIsNamed() {
        Map<String, ThrowingCallable> calls =
                Map.of(
                        "allowedLateness", () -> speech.allowedLateness(null),
                        "maxGap", () -> speech.maxGap(null),
                        "idleTimeout", () -> speech.idleTimeout(null),
                        "timestampTolerance", () -> speech.timestampTolerance(null),
                        "maxWaiting", () -> speech.maxWaiting(null),
                        "maxAhead", () -> speech.maxAhead(null),
                        "size", () -> TextWindows.sliding(null, ofSeconds(1)),
                        "slide", () -> TextWindows.sliding(ofSeconds(1), null),
                        "pause", () -> TextWindows.sessions(null));
        calls.forEach(WindowSettingsTest::assertMissing);
        assertMissing("allowedLateness", () -> texts.allowedLateness(null));
    }

    private static void assertMissing(String name, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessage(name);
    }
}
