package org.flinksigmoid.operators.device;

import java.util.Collection;
import java.util.OptionalInt;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;

/**
 * The GPU that Flink's external resources give a subtask ({@code external-resources: gpu} and
 * Flink's GPU driver, whose resources have the property {@code index}).
 */
public final class GpuIndex {
    /** Name of the resource in Flink's configuration. */
    public static final String RESOURCE = "gpu";

    private GpuIndex() {}

    /**
     * Lowest index among a subtask's resources of the name {@link #RESOURCE}; slots of one
     * TaskManager see the same ones, so they agree on the engine to share.
     *
     * @return empty if Flink manages no GPUs here
     * @throws IllegalStateException if a resource has an index that is no number
     */
    public static OptionalInt of(Collection<ExternalResourceInfo> resources) {
        return resources.stream().mapToInt(GpuIndex::index).min();
    }

    private static int index(ExternalResourceInfo resource) {
        String index = resource.getProperty("index").orElse("");
        try {
            return Integer.parseInt(index);
        } catch (NumberFormatException e) {
            throw new IllegalStateException(
                    "external resource %s: expected a property index with a number, found \"%s\""
                            .formatted(RESOURCE, index),
                    e);
        }
    }
}
