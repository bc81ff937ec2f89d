/**
 * Measures models: labelled audio and text, word error rate, accuracy and area under the ROC curve.
 * Runs no job: those that produce what is measured live in the neighbouring packages.
 */
package org.flinksigmoid.pipelines.evaluation;
