package org.flinksigmoid.kernels.model;

import org.flinksigmoid.kernels.checkpoint.Task;

/**
 * What was loaded, and on what it runs.
 *
 * @param name name of the checkpoint's folder
 * @param task what the output means
 * @param version first 12 hexadecimal digits of the SHA-256 over the checkpoint's files, without
 *     tensors that are not used: the same files have the same version everywhere
 * @param parameters number of weights
 * @param backend name of the backend
 * @param backendDescription what it runs on
 * @param why one sentence: why this backend, and why each better one was not chosen
 */
public record ModelInfo(
        String name,
        Task task,
        String version,
        long parameters,
        String backend,
        String backendDescription,
        String why) {}
