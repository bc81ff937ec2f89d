/** What all jobs have in common. The jobs are in {@code asr} and {@code scoring}. */
package org.flinksigmoid.pipelines;
