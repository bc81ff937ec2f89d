package org.flinksigmoid.kernels.internal.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TornadoHostTest {
    private static TornadoHost host(String have) {
        return new TornadoHost(
                have.contains("built"),
                have.contains("runtime"),
                have.contains("flags"),
                have.contains("compiler"),
                have.contains("bailout"),
                have.contains("driver"));
    }

    @Test
    void saysFirstThatTheBackendIsNotBuilt() {
        assertThat(host("driver").missing().orElseThrow().reason()).contains("not built");
        assertThat(host("driver").missing().orElseThrow().remedy()).contains("TORNADOVM_HOME");
    }

    @Test
    void namesTheArgumentFileWhereTornadoVmIsNotLoaded() {
        assertThat(host("built driver").missing().orElseThrow().remedy())
                .contains("tornado-argfile");
        assertThat(host("built runtime driver").missing().orElseThrow().reason()).contains("flags");
        assertThat(host("built runtime flags driver").missing().orElseThrow().remedy())
                .contains("gpu.options");
    }

    @Test
    void refusesTornadoVmThatWouldFallBackUnseen() {
        assertThat(host("built runtime flags compiler driver").missing().orElseThrow().remedy())
                .contains("-Dtornado.recover.bailout=False");
    }

    @Test
    void namesTheDriverLibrary() {
        assertThat(host("built runtime flags compiler bailout").missing().orElseThrow().reason())
                .contains("libcuda.so.1");
    }

    @Test
    void missesNothingWhereEverythingIsThere() {
        assertThat(host("built runtime flags compiler bailout driver").missing()).isEmpty();
    }
}
