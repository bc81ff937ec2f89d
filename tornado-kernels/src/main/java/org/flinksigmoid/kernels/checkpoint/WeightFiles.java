package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The files that hold a checkpoint's weights: {@code model.safetensors}, or else the shards that
 * {@code model.safetensors.index.json} names, whose {@code weight_map} says which tensor is in
 * which shard. The index is untrusted: it names files of the same folder and nothing but what the
 * shards have.
 */
final class WeightFiles {
    static final String WHOLE = "model.safetensors";
    static final String INDEX = WHOLE + ".index.json";

    private static final String PICKLED = "pytorch_model.bin";
    private static final String MAP = "weight_map";
    private static final long LARGEST_INDEX = 64_000_000;
    private static final int MOST_SHARDS = 1_000;
    private static final Pattern SHARD = Pattern.compile("\\w[\\w.-]{0,200}\\.safetensors");

    private WeightFiles() {}

    /** Opens all of them; whoever calls closes them. */
    static List<SafetensorsFile> open(Path folder) {
        boolean sharded =
                !Files.exists(folder.resolve(WHOLE)) && Files.exists(folder.resolve(INDEX));
        return sharded ? shards(folder) : List.of(open(folder, WHOLE));
    }

    /** Opens one, by its name in the folder. */
    static SafetensorsFile open(Path folder, String file) {
        Path pickled = folder.resolve(file).resolveSibling(PICKLED);
        if (!Files.exists(folder.resolve(file)) && Files.exists(pickled)) {
            throw new CheckpointException(
                    file,
                    "",
                    "weights as save_pretrained writes them (its safetensors format)",
                    "only " + PICKLED);
        }
        return SafetensorsFile.open(folder, file);
    }

    private static List<SafetensorsFile> shards(Path folder) {
        ConfigFields index = ConfigFields.read(folder.resolve(INDEX), LARGEST_INDEX);
        ConfigFields map =
                index.object(MAP).orElseThrow(() -> index.bad(MAP, "an object", "nothing"));
        TreeSet<String> names = new TreeSet<>();
        for (String tensor : map.keys()) {
            String name = map.text(tensor).orElse("");
            if (!SHARD.matcher(name).matches()) {
                throw map.bad(tensor, "the name of a .safetensors file beside it", quoted(name));
            }
            names.add(name);
        }
        if (names.isEmpty() || names.size() > MOST_SHARDS) {
            throw index.bad(MAP, "1 to " + MOST_SHARDS + " shards", names.size() + " of them");
        }
        List<SafetensorsFile> shards = new ArrayList<>();
        try {
            names.forEach(name -> shards.add(SafetensorsFile.open(folder, name)));
            requireAgreement(map, shards);
            return shards;
        } catch (RuntimeException | Error e) {
            shards.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    /** Each tensor in the one shard that the index names, and no other one. */
    private static void requireAgreement(ConfigFields map, List<SafetensorsFile> shards) {
        int held = 0;
        for (SafetensorsFile shard : shards) {
            for (String tensor : shard.tensors().keySet()) {
                String named = map.text(tensor).orElse("");
                if (!named.equals(shard.file())) {
                    throw map.bad(
                            tensor,
                            quoted(shard.file()) + ", which has it",
                            named.isEmpty() ? "nothing" : quoted(named));
                }
                held++;
            }
        }
        if (held < map.keys().size()) {
            for (SafetensorsFile shard : shards) {
                requireNamed(map, shard);
            }
        }
    }

    private static void requireNamed(ConfigFields map, SafetensorsFile shard) {
        for (String tensor : map.keys()) {
            boolean here = map.text(tensor).orElse("").equals(shard.file());
            if (here && !shard.tensors().containsKey(tensor)) {
                throw new CheckpointException(
                        shard.file(),
                        Quoted.of(tensor),
                        "a tensor, as " + INDEX + " has it here",
                        "none of that name");
            }
        }
    }

    private static String quoted(String name) {
        return '"' + Quoted.of(name) + '"';
    }
}
