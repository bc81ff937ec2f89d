/** Pipelines that others would write, as COOKBOOK.md shows them; tests run them all. */
package org.flinksigmoid.operators.cookbook;
