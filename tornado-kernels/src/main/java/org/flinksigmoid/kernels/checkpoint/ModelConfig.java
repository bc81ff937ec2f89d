package org.flinksigmoid.kernels.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * config.json, checked: every number within limits that keep a hostile file from asking for
 * gigabytes, and no two keys that contradict each other.
 *
 * @param family whose names the parameters have
 * @param task what the output means
 * @param taskSaid whether that is said somewhere, rather than by no head being named
 * @param hiddenSize width of an encoder row
 * @param embeddingSize width of a token's embedding; another one than that in an ELECTRA
 * @param layers number of encoder layers
 * @param heads attention heads; divide {@code hiddenSize}
 * @param intermediateSize inner width of the feed-forward network
 * @param activation its activation
 * @param layerNormEps added to every layer norm's variance
 * @param maxPositions most rows the encoder takes: tokens, or steps after the front end
 * @param vocabularySize token ids; 0 for speech
 * @param labels names of the output's columns; empty for scores without a name and for embeddings
 * @param attention the mechanism and its options
 * @param position how positions enter
 * @param norm where layer norm stands
 * @param layerScale whether residual branches have LayerScale's factors
 * @param sigmaReparam whether the linear layers are stored with sigma reparametrisation
 * @param linearBias whether the encoder's linear layers have biases
 * @param frontEnd convolutions over features (speech, always) or embeddings (text, perhaps)
 * @param pooling how one row comes from a text's rows
 * @param dense what an embedding goes through behind that
 * @param normalize whether an embedding is scaled to length 1
 * @param byteTokenizer whether config.json asks for bytes as tokens
 * @param unused keys of config.json that mean nothing here, for a warning
 */
public record ModelConfig(
        Family family,
        Task task,
        boolean taskSaid,
        int hiddenSize,
        int embeddingSize,
        int layers,
        int heads,
        int intermediateSize,
        ActivationKind activation,
        double layerNormEps,
        int maxPositions,
        int vocabularySize,
        List<String> labels,
        AttentionConfig attention,
        PositionConfig position,
        NormPlacement norm,
        boolean layerScale,
        boolean sigmaReparam,
        boolean linearBias,
        Optional<FrontEndConfig> frontEnd,
        PoolingKind pooling,
        List<DenseConfig> dense,
        boolean normalize,
        boolean byteTokenizer,
        List<String> unused) {
    /** Name of the file this is read from. */
    public static final String FILE = "config.json";

    /** Widest row of any kind but the feed-forward network's inner one. */
    static final int MAX_WIDTH = 8_192;

    /** Most positions. */
    static final int MAX_POSITIONS = 1 << 17;

    /** Most numbers of what a layer makes of one input (queries, keys and values each): 1 GB. */
    private static final long MAX_RESULT = 1L << 28;

    /** Most elements of a table of sinusoidal positions: 256 MB. */
    private static final long MAX_TABLE = 1L << 26;

    public ModelConfig {
        labels = task == Task.EMBEDDING ? List.of() : List.copyOf(labels);
        dense = List.copyOf(dense);
        unused = List.copyOf(unused);
        require(
                hiddenSize % heads == 0,
                "num_attention_heads",
                "a divisor of hidden_size " + hiddenSize,
                heads);
        require(
                position.type() != PositionKind.ROPE || hiddenSize / heads % 2 == 0,
                "position.type",
                "an even head width (hidden_size / num_attention_heads) for \"rope\"",
                hiddenSize / heads);
        require(
                position.type() != PositionKind.SINUSOIDAL || hiddenSize % 2 == 0,
                "position.type",
                "an even hidden_size for \"sinusoidal\"",
                hiddenSize);
        require(
                position.type() != PositionKind.SINUSOIDAL
                        || (long) maxPositions * hiddenSize <= MAX_TABLE,
                "max_position_embeddings",
                "at most " + MAX_TABLE + " / hidden_size for \"sinusoidal\"",
                maxPositions);
        require(
                frontEnd.isPresent() || task != Task.CTC,
                "frontend",
                "a front end, as task \"ctc\" needs",
                "none");
        frontEnd.ifPresent(
                convolutions -> requireFit(convolutions, task, hiddenSize, maxPositions));
        requireLabels(task, labels);
        requireDifferent(task, labels);
        int widest = Math.max(embeddingSize, widest(hiddenSize, intermediateSize, frontEnd));
        require(
                task == Task.CTC || (long) maxPositions * widest <= MAX_RESULT,
                "max_position_embeddings",
                "at most %d, for rows up to %d wide".formatted(MAX_RESULT / widest, widest),
                maxPositions);
        require(
                !byteTokenizer || vocabularySize >= 256,
                "vocab_size",
                "at least 256, as tokenizer \"byte\" needs",
                vocabularySize);
    }

    private static int widest(
            int hiddenSize, int intermediateSize, Optional<FrontEndConfig> frontEnd) {
        int widest = Math.max(hiddenSize, intermediateSize);
        for (ConvolutionConfig layer : frontEnd.map(FrontEndConfig::layers).orElse(List.of())) {
            widest = Math.max(widest, layer.channels());
        }
        return widest;
    }

    private static void requireFit(
            FrontEndConfig frontEnd, Task task, int hiddenSize, int maxPositions) {
        require(
                frontEnd.outputSize() == hiddenSize,
                "frontend.layers[" + (frontEnd.layers().size() - 1) + "].channels",
                "hidden_size " + hiddenSize,
                frontEnd.outputSize());
        require(
                task == Task.CTC || frontEnd.inputSize() == hiddenSize,
                "frontend.input_size",
                "hidden_size " + hiddenSize + ", the width of the embeddings",
                frontEnd.inputSize());
        require(
                task == Task.CTC || frontEnd.outputRows(maxPositions) <= maxPositions,
                "frontend.layers",
                "at most max_position_embeddings " + maxPositions + " rows from as many tokens",
                frontEnd.outputRows(maxPositions));
        for (int i = 0; i < frontEnd.layers().size(); i++) {
            int kernel = frontEnd.layers().get(i).kernel();
            require(
                    task != Task.CTC || kernel % 2 == 1,
                    "frontend.layers[" + i + "].kernel",
                    "an odd number, so that frames come out as whole steps",
                    kernel);
        }
    }

    private static void requireLabels(Task task, List<String> labels) {
        switch (task) {
            case CTC, TEXT_CLASSIFICATION ->
                    require(
                            labels.size() >= 2,
                            "id2label",
                            "at least 2 labels, as task \"" + task.key() + "\" needs",
                            labels.size());
            case SCORE ->
                    require(
                            labels.size() <= 1,
                            "id2label",
                            "at most 1 label, as task \"score\" has one output",
                            labels.size());
            case EMBEDDING -> {}
        }
    }

    /** A class's score is found by its name; CTC's labels are text, which may be the same. */
    private static void requireDifferent(Task task, List<String> labels) {
        Map<String, Integer> columns = new HashMap<>();
        for (int column = 0; task == Task.TEXT_CLASSIFICATION && column < labels.size(); column++) {
            Integer other = columns.put(labels.get(column), column);
            if (other != null) {
                throw new CheckpointException(
                        FILE,
                        "id2label",
                        "another name for each class",
                        "\"%s\" for %d and %d"
                                .formatted(Quoted.of(labels.get(column)), other, column));
            }
        }
    }

    private static void require(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new CheckpointException(FILE, key, expected, found.toString());
        }
    }

    /**
     * Reads config.json, and what other files of the folder say about the same model (a vocabulary
     * that names CTC labels, sentence-transformers' pooling).
     *
     * @throws CheckpointException if it can't be used
     */
    public static ModelConfig read(Path folder) {
        if (!Files.exists(folder.resolve(FILE))
                && Files.exists(folder.resolve(SentencePooling.MODULES))) {
            throw new CheckpointException(
                    FILE,
                    "",
                    "the encoder's files beside %s (load the folder by SentenceTransformer of"
                                    .formatted(SentencePooling.MODULES)
                            + " sentence-transformers, and save puts them there)",
                    "no such file");
        }
        ConfigFields fields = ConfigFields.read(folder.resolve(FILE));
        Family family = fields.choice("model_type", Family.values());
        return family == Family.FLINK_SIGMOID
                ? ContractConfig.read(folder, fields)
                : BertConfig.read(folder, fields, family);
    }

    /** Width of one head. */
    public int headSize() {
        return hiddenSize / heads;
    }

    /** Columns of the output. */
    public int outputSize() {
        return switch (task) {
            case CTC, TEXT_CLASSIFICATION -> labels.size();
            case SCORE -> 1;
            case EMBEDDING -> dense.isEmpty() ? hiddenSize : dense.getLast().outputs();
        };
    }

    /**
     * Most input rows: tokens, or the frames that come out as {@link #maxPositions} steps and that
     * no layer makes more than a gigabyte of.
     */
    public int maxInputRows() {
        if (task != Task.CTC) {
            return maxPositions;
        }
        int widest = Math.max(labels.size(), widest(hiddenSize, intermediateSize, frontEnd));
        int fits = 0;
        int tooMany = (int) Math.min(1 << 24, MAX_RESULT / widest + 1);
        while (tooMany - fits > 1) {
            int middle = (fits + tooMany) >>> 1;
            if (frontEnd.orElseThrow().outputRows(middle) <= maxPositions) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return fits;
    }
}
