package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The order in which a loop's variables take their next values. */
@Tag("codegen")
class MoveOrderTest {
    private static String loop(String... moves) {
        return """
              i_1  =  i_9;
              i_2  =  0;
              for(;i_2 < 7;)
              {
                i_3  =  i_2 + 1;
                if(b_4)
                {
                  i_5  =  i_1;
                }
                %s
              }
              i_6  =  i_2;
        """
                .formatted(String.join("\n        ", moves));
    }

    @Test
    void aVariableThatIsTakenBeforeItChangesIsKept() {
        assertThat(MoveOrder.fault(loop("i_1  =  i_2;", "i_2  =  i_3;"))).isEmpty();
    }

    @Test
    void aVariableThatChangesBeforeItIsTakenIsLost() {
        assertThat(MoveOrder.fault(loop("i_2  =  i_3;", "i_1  =  i_2;"))).contains("i_1  =  i_2;");
    }

    @Test
    void whatIsNoLoopVariableMayBeHandedOn() {
        assertThat(MoveOrder.fault(loop("i_7  =  i_3;", "i_2  =  i_7;"))).isEmpty();
    }

    @Test
    void behindItsLoopAVariableIsLikeAnyOther() {
        assertThat(MoveOrder.fault(loop("i_2  =  i_3;") + "i_2  =  i_3;\ni_1  =  i_2;\n"))
                .isEmpty();
    }

    @Test
    void anOuterLoopsVariableIsWatchedInAnInnerOne() {
        String inner = "for(;i_8 < 3;)\n{\n  i_2  =  i_3;\n  i_1  =  i_2;\n}";
        assertThat(MoveOrder.fault(loop(inner))).contains("i_1  =  i_2;");
    }
}
