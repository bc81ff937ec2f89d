package org.flinksigmoid.pipelines;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** Which package may know which. */
@AnalyzeClasses(
        packages = "org.flinksigmoid.pipelines",
        importOptions = ImportOption.DoNotIncludeTests.class)
class PackageDirectionTest {
    private static final String ROOT = "org.flinksigmoid.pipelines.";

    @ArchTest
    static final ArchRule noPackageNeedsOneThatNeedsIt =
            SlicesRuleDefinition.slices()
                    .matching("org.flinksigmoid.(**)")
                    .should()
                    .beFreeOfCycles();

    @ArchTest
    static final ArchRule theCommandLineIsNeededByNobody =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(ROOT + "cli..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(ROOT + "cli..");

    @ArchTest
    static final ArchRule sourcesKnowNothingOfAudioAndText =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "source..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.flinksigmoid.kernels..",
                            "org.flinksigmoid.operators.types..",
                            ROOT + "asr..",
                            ROOT + "scoring..");
}
