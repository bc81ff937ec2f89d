/**
 * A Flink cluster of several processes on this machine, from the jars that a build gathers: what
 * the jobs' mains are submitted to without a Flink distribution. Used by the command line.
 */
package org.flinksigmoid.pipelines.cluster;
