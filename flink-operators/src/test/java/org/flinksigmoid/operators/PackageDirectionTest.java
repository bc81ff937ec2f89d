package org.flinksigmoid.operators;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.backend.WeightFormat;

/** Which package may know which. */
@AnalyzeClasses(
        packages = "org.flinksigmoid.operators",
        importOptions = ImportOption.DoNotIncludeTests.class)
class PackageDirectionTest {
    private static final String ROOT = "org.flinksigmoid.operators.";
    private static final String KERNELS = "org.flinksigmoid.kernels.";

    @ArchTest
    static final ArchRule inferenceAndWindowsStandOnTypesAndNotOnEachOther =
            Architectures.layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .layer("table")
                    .definedBy(ROOT + "table..")
                    .layer("inference")
                    .definedBy(ROOT + "inference..")
                    .layer("window")
                    .definedBy(ROOT + "window..")
                    .layer("device")
                    .definedBy(ROOT + "device..")
                    .layer("metrics")
                    .definedBy(ROOT + "metrics..")
                    .layer("types")
                    .definedBy(ROOT + "types..")
                    .whereLayer("table")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("inference")
                    .mayOnlyBeAccessedByLayers("table")
                    .whereLayer("window")
                    .mayOnlyBeAccessedByLayers("table")
                    .whereLayer("device")
                    .mayOnlyBeAccessedByLayers("inference", "table")
                    .whereLayer("metrics")
                    .mayOnlyBeAccessedByLayers("inference", "window", "table")
                    .whereLayer("types")
                    .mayOnlyBeAccessedByLayers("inference", "window", "table");

    @ArchTest
    static final ArchRule theEngineIsEnteredThroughItsModelPackage =
            noClasses()
                    .should()
                    .dependOnClassesThat(
                            JavaClass.Predicates.resideInAnyPackage(
                                            KERNELS + "backend..",
                                            KERNELS + "nn..",
                                            KERNELS + "attention..",
                                            KERNELS + "tensor..",
                                            KERNELS + "internal..")
                                    // what a model's methods take and throw
                                    .and(not(type(WeightFormat.class)))
                                    .and(not(type(DeviceFailureException.class))));
}
