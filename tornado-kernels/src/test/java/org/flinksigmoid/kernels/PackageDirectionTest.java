package org.flinksigmoid.kernels;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;

/** The design's package directions, enforced. */
@AnalyzeClasses(
        packages = "org.flinksigmoid.kernels",
        importOptions = ImportOption.DoNotIncludeTests.class)
class PackageDirectionTest {
    private static final String ROOT = "org.flinksigmoid.kernels.";

    @ArchTest
    static final ArchRule layersPointDownwards =
            Architectures.layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .withOptionalLayers(true)
                    .layer("model")
                    .definedBy(ROOT + "model..")
                    .layer("nn")
                    .definedBy(ROOT + "nn..")
                    .layer("backend")
                    .definedBy(ROOT + "backend..")
                    .layer("attention")
                    .definedBy(ROOT + "attention..")
                    .layer("tensor")
                    .definedBy(ROOT + "tensor..")
                    .layer("leaves")
                    .definedBy(
                            ROOT + "checkpoint..",
                            ROOT + "audio..",
                            ROOT + "text..",
                            ROOT + "decode..")
                    .layer("internal")
                    .definedBy(ROOT + "internal..")
                    .whereLayer("model")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("nn")
                    .mayOnlyBeAccessedByLayers("model")
                    .whereLayer("backend")
                    .mayOnlyBeAccessedByLayers("nn", "model", "internal")
                    .whereLayer("leaves")
                    .mayOnlyBeAccessedByLayers("nn", "model")
                    .whereLayer("internal")
                    .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule onlyTheVectorPackageTouchesTheVectorApi =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(ROOT + "internal.vector..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("jdk.incubator.vector..")
                    .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nothingKnowsFlink =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.flink..");

    @ArchTest
    static final ArchRule leavesKnowOnlyTensors =
            classes()
                    .that()
                    .resideInAnyPackage(
                            ROOT + "checkpoint..",
                            ROOT + "audio..",
                            ROOT + "text..",
                            ROOT + "decode..",
                            ROOT + "tensor..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideOutsideOfPackages(
                            ROOT + "model..",
                            ROOT + "nn..",
                            ROOT + "backend..",
                            ROOT + "attention..")
                    .allowEmptyShould(true);
}
