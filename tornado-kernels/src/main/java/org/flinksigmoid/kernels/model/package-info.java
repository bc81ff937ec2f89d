/**
 * Models as users meet them: load a checkpoint folder, infer over a ragged batch, close. The only
 * door into the engine that Flink code uses. May depend on everything but {@code internal}, which
 * is found through {@link java.util.ServiceLoader}.
 */
package org.flinksigmoid.kernels.model;
