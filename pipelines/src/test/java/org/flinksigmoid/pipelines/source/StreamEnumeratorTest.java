package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.junit.jupiter.api.Test;

class StreamEnumeratorTest {
    @Test
    void inputIsABacklogOnlyWhereItIsSaidToBeOne() {
        assertThat(backlogs(true)).containsExactly(true);
        assertThat(backlogs(false)).as("a cluster may take no checkpoint in one").isEmpty();
    }

    /** What Flink is told of a backlog. */
    private static List<Object> backlogs(boolean backlog) {
        List<Object> told = new ArrayList<>();
        @SuppressWarnings("unchecked")
        SplitEnumeratorContext<StreamSplit> context =
                (SplitEnumeratorContext<StreamSplit>)
                        Proxy.newProxyInstance(
                                StreamEnumeratorTest.class.getClassLoader(),
                                new Class<?>[] {SplitEnumeratorContext.class},
                                (_, method, arguments) -> {
                                    assertThat(method.getName())
                                            .isEqualTo("setIsProcessingBacklog");
                                    told.add(arguments[0]);
                                    return null;
                                });
        InputSource.Options options =
                new InputSource.Options(Pace.FAST, false, 1, InputSource.Options.NO_LIMIT, backlog);
        PendingSplits nothing = new PendingSplits(List.of(), 0);
        new StreamEnumerator(context, _ -> nothing, options, nothing).start();
        return told;
    }
}
