/**
 * Checkpoint folders as untrusted files: safetensors mapped into memory, config.json read into
 * validated records, parameters taken by name. Every refusal is a {@link
 * org.flinksigmoid.kernels.checkpoint.CheckpointException} that names file, field, expected and
 * found. May depend on {@code tensor} only.
 */
package org.flinksigmoid.kernels.checkpoint;
