/**
 * From sound to what a speech encoder reads: WAV and raw PCM, resampling, log-mel energies, their
 * level, and the overlapping windows of a stream. Depends on {@code checkpoint} at most, for the
 * refusal of a file.
 *
 * <p>Everything that runs on a stream gives the same bits however the stream was cut into chunks,
 * and can be saved and restored between any two chunks.
 */
package org.flinksigmoid.kernels.audio;
