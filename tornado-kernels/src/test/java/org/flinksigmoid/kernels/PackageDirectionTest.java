package org.flinksigmoid.kernels;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noCodeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
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
    private static final String VECTOR = "jdk.incubator.vector.Vector";

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

    /** Such a method is a box, and slow by a factor of 30, wherever C2 doesn't inline it. */
    @ArchTest
    static final ArchRule vectorsNeverCrossAMethodOfOurs =
            noCodeUnits()
                    .that()
                    .areDeclaredInClassesThat()
                    .resideInAPackage(ROOT + "internal.vector..")
                    .should()
                    .haveRawReturnType(assignableTo(VECTOR))
                    .orShould()
                    .haveRawParameterTypes(
                            DescribedPredicate.anyElementThat(assignableTo(VECTOR))
                                    .as("a vector among them"));

    @ArchTest
    static final ArchRule noFieldHoldsAVector =
            noFields()
                    .that()
                    .areDeclaredInClassesThat()
                    .resideInAPackage(ROOT + "internal.vector..")
                    .should()
                    .haveRawType(assignableTo(VECTOR));

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
