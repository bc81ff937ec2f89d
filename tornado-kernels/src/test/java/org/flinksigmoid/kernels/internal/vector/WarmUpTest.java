package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    @Test
    void aKernelWhoseWarmUpFailedIsWarmedUpByTheNextProgram() {
        AtomicInteger calls = new AtomicInteger();
        Map<Object, KernelCalls.Call> kernel =
                Map.of(
                        "kernel of this test",
                        turn -> {
                            if (calls.getAndIncrement() == 0) {
                                throw new OutOfMemoryError("once");
                            }
                        });
        assertThatThrownBy(() -> WarmUp.finish(kernel))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        WarmUp.finish(kernel);
        assertThat(calls).hasValueGreaterThan(1);
        int warm = calls.get();
        WarmUp.finish(kernel);
        assertThat(calls).hasValue(warm);
    }
}
