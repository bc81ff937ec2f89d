package org.flinksigmoid.operators.table;

import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.TableConfig;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.api.config.MLPredictRuntimeConfigOptions;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.inference.InferenceSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows that Flink's planner lets ML_PREDICT have in flight: 10 by default, which would be the
 * largest batch. Where the session does not set the limit, it is raised while a statement with one
 * of our models is planned, and lowered again when the planner has read it: one that it only looks
 * at, as for CREATE VIEW, leaves it raised until the next. Where it is set, too small a limit is
 * logged.
 */
final class AsyncLimit {
    private static final Logger LOG = LoggerFactory.getLogger(AsyncLimit.class);
    private static final ConfigOption<Integer> OPTION =
            ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS;
    private static final ConfigOption<Integer> QUERY_OPTION =
            MLPredictRuntimeConfigOptions.ASYNC_MAX_CONCURRENT_OPERATIONS;

    /** What stands in a session's configuration because it was set here. */
    private static final Map<ReadableConfig, Integer> SET_HERE = new WeakHashMap<>();

    private final ReadableConfig session;

    private AsyncLimit(ReadableConfig session) {
        this.session = session;
    }

    /** The limit of a session. */
    static AsyncLimit of(ReadableConfig session) {
        return new AsyncLimit(session);
    }

    /** Makes room for a model's batches, if the session leaves that to us. */
    void raise(String model, InferenceSettings settings) {
        synchronized (SET_HERE) {
            Optional<Integer> limit = session.getOptional(OPTION);
            boolean ours = limit.isPresent() && limit.get().equals(SET_HERE.get(session));
            if (limit.isPresent() && !ours) {
                warn(OPTION.key(), model, limit.get(), settings);
            } else if (session instanceof TableConfig config) {
                int raised = Math.max(limit.orElse(0), settings.maxInFlight());
                config.set(OPTION, raised);
                SET_HERE.put(session, raised);
                LOG.info("{} = {} for {}", OPTION.key(), raised, model);
            } else {
                warn(OPTION.key(), model, session.get(OPTION), settings);
            }
        }
    }

    /**
     * The planner has read the limit: it is what it was for other models. Not removed but set, as
     * the planner copies the session's configuration to the environment, below the session.
     */
    void lower() {
        synchronized (SET_HERE) {
            Integer raised = SET_HERE.get(session);
            if (raised != null
                    && session instanceof TableConfig config
                    && session.getOptional(OPTION).filter(raised::equals).isPresent()) {
                config.set(OPTION, OPTION.defaultValue());
                SET_HERE.put(session, OPTION.defaultValue());
            }
        }
    }

    /** Says if the limit that a query sets for itself caps the batch. */
    static void check(String model, ReadableConfig query, InferenceSettings settings) {
        query.getOptional(QUERY_OPTION)
                .ifPresent(limit -> warn(QUERY_OPTION.key(), model, limit, settings));
    }

    private static void warn(String key, String model, int limit, InferenceSettings settings) {
        if (limit < settings.maxBatchSize()) {
            LOG.warn(
                    "{}: {} = {} caps its batches, which {} lets grow to {}; set it to {} or more",
                    model,
                    key,
                    limit,
                    InferenceOptions.MAX_BATCH_SIZE.key(),
                    settings.maxBatchSize(),
                    settings.maxInFlight());
        }
    }
}
