/** Where jobs write: JSON Lines through Flink's exactly-once file sink. Used by the jobs. */
package org.flinksigmoid.pipelines.sink;
