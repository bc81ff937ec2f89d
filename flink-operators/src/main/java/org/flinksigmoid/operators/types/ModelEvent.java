package org.flinksigmoid.operators.types;

import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * What became of a model that was to be loaded in one subtask: in use from its next batch on, or
 * refused, in which case the model before it goes on.
 *
 * @param model name of the model, as in {@link ModelUpdate}
 * @param folder folder of the checkpoint
 * @param version version of the model, empty if it was refused
 * @param accepted whether it is in use
 * @param reason why it was refused, causes included, in one line; empty if it was not
 * @param loadMillis time from the request to the switch or the refusal, loading included
 * @param subtask index of the subtask
 * @param timestampMillis when, milliseconds since the epoch
 */
@TypeInfo(ModelEventSerializer.TypeInfoFactory.class)
public record ModelEvent(
        String model,
        String folder,
        String version,
        boolean accepted,
        String reason,
        long loadMillis,
        int subtask,
        long timestampMillis) {
    /** Checks the fields. */
    public ModelEvent {
        Checks.notNull("ModelEvent.model", model);
        Checks.notNull("ModelEvent.folder", folder);
        Checks.notNull("ModelEvent.version", version);
        Checks.notNull("ModelEvent.reason", reason);
        Checks.notNegative("ModelEvent.loadMillis", loadMillis);
        Checks.notNegative("ModelEvent.subtask", subtask);
    }

    /** The same of a model of another name. */
    public ModelEvent of(String name) {
        return new ModelEvent(
                name, folder, version, accepted, reason, loadMillis, subtask, timestampMillis);
    }
}
