/**
 * Short measurements that anybody can repeat from the command line; the exact ones are JMH's, in
 * the modules' {@code src/jmh}. Everything is checked before it is timed.
 */
package org.flinksigmoid.pipelines.bench;
