package org.flinksigmoid.pipelines.evaluation;

import org.flinksigmoid.pipelines.source.StreamInput;

/**
 * Audio of which one knows what is said.
 *
 * @param input the audio
 * @param speaker who speaks, or another name to group results by
 * @param transcript words, separated by single spaces
 */
public record LabelledStream(StreamInput input, String speaker, String transcript) {}
