package org.flinksigmoid.pipelines.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid devices}: which backends are there, which is chosen, and why. */
@Command(
        name = "devices",
        description =
                "Say which backends can run here, which one 'auto' chooses, and what the others"
                        + " lack.")
final class DevicesCommand implements Callable<Integer> {
    @Mixin private LoggingOptions logging;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    DevicesCommand() {}

    @Override
    public Integer call() {
        Backends.Selection selection = Backends.select(Backends.AUTO);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(toJson(selection));
        } else {
            for (BackendProvider provider : Backends.providers()) {
                out.println(line(provider, selection.provider().name().equals(provider.name())));
            }
            out.println(selection.why());
        }
        StandardOutput.flush(out);
        return CommandLine.ExitCode.OK;
    }

    private static String line(BackendProvider provider, boolean chosen) {
        String mark = chosen ? "*" : " ";
        return switch (provider.availability()) {
            case Availability.Available there ->
                    "%s %-8s available: %s".formatted(mark, provider.name(), there.detail());
            case Availability.Unavailable not ->
                    "%s %-8s not here: %s %s"
                            .formatted(mark, provider.name(), not.reason(), not.remedy());
        };
    }

    private static ObjectNode toJson(Backends.Selection selection) {
        ObjectNode root = Json.object();
        root.put("chosen", selection.provider().name()).put("why", selection.why());
        for (BackendProvider provider : Backends.providers()) {
            ObjectNode row = root.withArray("backends").addObject().put("name", provider.name());
            switch (provider.availability()) {
                case Availability.Available there ->
                        row.put("available", true).put("detail", there.detail());
                case Availability.Unavailable not ->
                        row.put("available", false)
                                .put("reason", not.reason())
                                .put("remedy", not.remedy());
            }
        }
        return root;
    }
}
