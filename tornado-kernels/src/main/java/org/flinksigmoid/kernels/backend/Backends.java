package org.flinksigmoid.kernels.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the backends that are there and chooses one. */
public final class Backends {
    /** The choice that takes the best available backend; every other choice never falls back. */
    public static final String AUTO = "auto";

    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    private Backends() {}

    /**
     * A chosen provider.
     *
     * @param provider what {@code open} is called on
     * @param why one sentence: what was chosen, and why each better one was not
     */
    public record Selection(BackendProvider provider, String why) {
        /** Lets the chosen backend begin what takes long, while its program is read. */
        public void expect(BackendOptions options) {
            provider.expect(options);
        }

        /** Opens the chosen backend and says once, at INFO, what it is and why. */
        public Backend open(BackendOptions options) {
            Backend backend = provider.open(options);
            LOG.info("Backend {} on {}. {}", backend.name(), backend.description(), why);
            return backend;
        }
    }

    /** Every provider on this class's class path, best rank first. */
    public static List<BackendProvider> providers() {
        List<BackendProvider> found = new ArrayList<>();
        var iterator =
                ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader())
                        .iterator();
        while (true) {
            try {
                if (!iterator.hasNext()) {
                    break;
                }
                found.add(iterator.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                LOG.warn("A backend provider could not be loaded and is ignored", e);
            }
        }
        found.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
        return List.copyOf(found);
    }

    /** Chooses among {@link #providers()}; see {@link #select(String, List)}. */
    public static Selection select(String name) {
        return select(name, providers());
    }

    /**
     * Chooses a backend: the named one, or with {@link #AUTO} the best available.
     *
     * @throws IllegalArgumentException if no provider has that name
     * @throws IllegalStateException if the named one is not available here
     */
    public static Selection select(String name, List<BackendProvider> providers) {
        if (!name.equals(AUTO)) {
            return named(name, providers);
        }
        List<String> passed = new ArrayList<>();
        for (BackendProvider provider : providers) {
            switch (provider.availability()) {
                case Availability.Available available -> {
                    String chosen = "Chose " + provider.name() + " (" + available.detail() + ")";
                    String why = passed.isEmpty() ? "" : "; not " + String.join("; not ", passed);
                    return new Selection(provider, chosen + why + ".");
                }
                case Availability.Unavailable not ->
                        passed.add(
                                provider.name()
                                        + ": "
                                        + withoutEnd(not.reason() + " " + not.remedy()));
            }
        }
        throw new IllegalStateException("No backend can run here: " + String.join("; ", passed));
    }

    private static String withoutEnd(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    private static Selection named(String name, List<BackendProvider> providers) {
        for (BackendProvider provider : providers) {
            if (provider.name().equals(name)) {
                return switch (provider.availability()) {
                    case Availability.Available available ->
                            new Selection(
                                    provider,
                                    "Asked for " + name + " (" + available.detail() + ").");
                    case Availability.Unavailable not ->
                            throw new IllegalStateException(
                                    "backend %s: %s %s"
                                            .formatted(name, not.reason(), not.remedy()));
                };
            }
        }
        List<String> names = providers.stream().map(BackendProvider::name).toList();
        throw new IllegalArgumentException(
                "backend: expected auto or one of %s, found %s".formatted(names, name)
                        + (name.equals("tornado")
                                ? "; the GPU backend is built where TORNADOVM_HOME is set"
                                : ""));
    }
}
