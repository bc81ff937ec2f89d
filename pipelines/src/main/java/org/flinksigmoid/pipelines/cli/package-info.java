/**
 * The command line: parses options, runs the jobs of the neighbouring packages on an embedded Flink
 * and renders what comes out. Nothing imports this package.
 */
package org.flinksigmoid.pipelines.cli;
