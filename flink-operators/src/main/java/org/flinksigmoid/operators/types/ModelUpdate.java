package org.flinksigmoid.operators.types;

import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A request to replace a model while jobs run, sent to all subtasks on a control stream.
 *
 * @param model name of the model, empty where there is one only
 * @param folder folder of the new checkpoint, readable on every TaskManager
 */
@TypeInfo(ModelUpdateSerializer.TypeInfoFactory.class)
public record ModelUpdate(String model, String folder) {
    /** Checks the fields. */
    public ModelUpdate {
        Checks.notNull("ModelUpdate.model", model);
        Checks.notNull("ModelUpdate.folder", folder);
    }
}
