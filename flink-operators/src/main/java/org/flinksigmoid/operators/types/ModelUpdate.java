package org.flinksigmoid.operators.types;

import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A request to replace a model while jobs run, sent to all subtasks on a control stream.
 *
 * @param model name of the model, empty where there is one only; with {@link #SECOND} in front, one
 *     of the second model of an A/B test or a shadow
 * @param folder folder of the new checkpoint, readable on every TaskManager
 */
@TypeInfo(ModelUpdateSerializer.TypeInfoFactory.class)
public record ModelUpdate(String model, String folder) {
    /** What the name of a model begins with that is the second of an A/B test, or a shadow. */
    public static final String SECOND = "second:";

    /** Checks the fields. */
    public ModelUpdate {
        Checks.notNull("ModelUpdate.model", model);
        Checks.notNull("ModelUpdate.folder", folder);
    }

    /**
     * A request to replace the second model of an A/B test, or the shadow.
     *
     * @param folder folder of the new checkpoint
     */
    public static ModelUpdate ofSecond(String folder) {
        return new ModelUpdate(SECOND, folder);
    }
}
