package org.flinksigmoid.kernels.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {
    @TempDir Path folder;

    private ModelConfig read(TinyCheckpoint checkpoint) throws IOException {
        return read(checkpoint.config.toString());
    }

    private ModelConfig read(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return ModelConfig.read(folder);
    }

    @Test
    void readsASpeechModel() throws IOException {
        ModelConfig config = read(TinyCheckpoint.speech());
        assertThat(config.task()).isEqualTo(Task.CTC);
        assertThat(config.headSize()).isEqualTo(8);
        assertThat(config.attention().bias()).isEmpty();
        assertThat(config.layerScale()).isTrue();
        assertThat(config.frontEnd().orElseThrow().outputRows(9)).isEqualTo(3);
        assertThat(config.frontEnd().orElseThrow().outputRows(0)).isZero();
        assertThat(config.maxInputRows()).isEqualTo(2048);
        assertThat(config.unused()).isEmpty();
    }

    @Test
    void ctcLabelsMayComeFromAVocabulary() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.speech();
        checkpoint.config.remove("id2label");
        Path vocabulary = folder.resolve("vocab.json");
        Files.writeString(vocabulary, "{\"b\":2,\"<pad>\":0,\"a\":1}");
        assertThat(read(checkpoint).labels()).containsExactly("<pad>", "a", "b");
        Files.writeString(vocabulary, "{\"b\":1,\"<pad>\":0,\"a\":1}");
        assertThatThrownBy(() -> read(checkpoint))
                .hasMessage("a: expected an id of its own, found id 1 a second time in vocab.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<blank>", "<pad>", "[PAD]"})
    void aBlankThatIsNotTheFirstLabelIsRefused(String blank) throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.speech();
        checkpoint.with("{\"id2label\":{\"0\":\"a\",\"1\":\"|\",\"2\":\"%s\"}}".formatted(blank));
        assertThatThrownBy(() -> read(checkpoint))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "id2label: expected CTC's blank in column 0, found \"%s\" in column 2"
                                + " in config.json",
                        blank);
        checkpoint.config.remove("id2label");
        Files.writeString(
                folder.resolve("vocab.json"), "{\"a\":0,\"%s\":1,\"b\":2}".formatted(blank));
        assertThatThrownBy(() -> read(checkpoint))
                .hasMessageStartingWith("vocab.json: expected CTC's blank in column 0, found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<s>", "<pad>", "_"})
    void aBlankMayHaveAnyOfItsNames(String first) throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.speech();
        String second = first.equals("_") ? "a" : "<pad>";
        checkpoint.with("{\"id2label\":{\"0\":\"%s\",\"1\":\"%s\"}}".formatted(first, second));
        assertThat(read(checkpoint).labels()).containsExactly(first, second);
    }

    @Test
    void classesOfTheSameNameAreRefused() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.text("text-classification");
        checkpoint.with("{\"id2label\":{\"0\":\"no\",\"1\":\"yes\",\"2\":\"no\"}}");
        assertThatThrownBy(() -> read(checkpoint))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "id2label: expected another name for each class, found \"no\" for 0 and 2"
                                + " in config.json");
        checkpoint.with("{\"task\": \"embedding\"}");
        assertThat(read(checkpoint).labels()).isEmpty();
    }

    @Test
    void ctcsLabelsMayBeTheSameText() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.speech();
        checkpoint.with("{\"id2label\":{\"0\":\"<pad>\",\"1\":\"a\",\"2\":\"a\"}}");
        assertThat(read(checkpoint).labels()).containsExactly("<pad>", "a", "a");
    }

    @Test
    void halfACharacterIsNoLabel() {
        String json = TinyCheckpoint.text("text-classification").config.toString();
        assertThatThrownBy(() -> read(json.replace("maybe", "\\ud800")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("id2label.2: expected a string of 0 to 1000 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\u001b[31m\\n", "\\ud800", "LONG"})
    void aVocabularysLabelsAreNotTrusted(String label) throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.speech();
        checkpoint.config.remove("id2label");
        String json = "{\"<pad>\":0,\"%s\":7}".formatted(label.replace("LONG", "x".repeat(1001)));
        Files.writeString(folder.resolve("vocab.json"), json);
        assertThatThrownBy(() -> read(checkpoint))
                .isInstanceOf(CheckpointException.class)
                .message()
                .matches("[ -~]{1,300} in vocab\\.json");
    }

    @Test
    void framesAreAsManyAsTheWidestLayerHasRoomFor() throws IOException {
        TinyCheckpoint wide = TinyCheckpoint.speech().with("{\"intermediate_size\":32768}");
        wide.config.put("max_position_embeddings", 131_072);
        assertThat(read(wide).maxInputRows()).isEqualTo(8192);
    }

    @Test
    void readsBertWithItsDefaults() throws IOException {
        ModelConfig config = read("{\"model_type\":\"bert\",\"num_hidden_layers\":6}");
        assertThat(config.family()).isEqualTo(Family.BERT);
        assertThat(config.task()).isEqualTo(Task.EMBEDDING);
        assertThat(config.layers()).isEqualTo(6);
        assertThat(config.layerNormEps()).isEqualTo(1e-12);
        assertThat(config.pooling()).isEqualTo(PoolingKind.MEAN);
        assertThat(config.normalize()).isTrue();
        String classifier =
                "{\"model_type\":\"bert\",\"architectures\":[\"BertForSequenceClassification\"]";
        assertThat(read(classifier + "}").labels()).containsExactly("LABEL_0", "LABEL_1");
        assertThat(read(classifier + ",\"id2label\":{\"0\":\"x\"}}").task()).isEqualTo(Task.SCORE);
        assertThat(read(bert(",'layer_norm_eps':0")).layerNormEps()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"roberta, Roberta", "xlm-roberta, XLMRoberta", "camembert, Camembert"})
    void readsRobertas(String type, String name) throws IOException {
        String json = "{\"model_type\":\"%s\",\"max_position_embeddings\":514%s}";
        ModelConfig config = read(json.formatted(type, ""));
        assertThat(config.task()).isEqualTo(Task.EMBEDDING);
        assertThat(config.maxPositions()).isEqualTo(512);
        assertThat(config.position().first()).isEqualTo(2);
        String zero = ",\"pad_token_id\":0";
        assertThat(read(json.formatted(type, zero)).maxPositions()).isEqualTo(513);
        String head = ",\"architectures\":[\"%sForSequenceClassification\"]".formatted(name);
        assertThat(read(json.formatted(type, head)).task()).isEqualTo(Task.TEXT_CLASSIFICATION);
        assertThatThrownBy(() -> read(json.formatted(type, head.replace("Sequence", "Token"))))
                .hasMessageStartingWith(
                        "architectures: expected \"%sForSequenceClassification\"".formatted(name));
        assertThatThrownBy(() -> read(json.formatted(type, ",\"pad_token_id\":513")))
                .hasMessageStartingWith(
                        "max_position_embeddings: expected an integer from 515 to 131072");
    }

    @Test
    void aHeadMayHaveAnotherFamilysName() throws IOException {
        String json = "{\"model_type\":\"xlm-roberta\",\"architectures\":[\"RobertaFor%s\"]}";
        assertThat(read(json.formatted("SequenceClassification")).task())
                .isEqualTo(Task.TEXT_CLASSIFICATION);
        assertThatThrownBy(() -> read(json.formatted("QuestionAnswering")))
                .hasMessage(
                        "architectures: expected \"XLMRobertaForSequenceClassification\", or"
                                + " \"task\": \"embedding\" for the encoder alone, found"
                                + " \"RobertaForQuestionAnswering\" in config.json");
    }

    @Test
    void readsADistilBert() throws IOException {
        String json =
                "{'model_type':'distilbert','dim':16,'n_layers':2,'n_heads':4,'hidden_dim':24,"
                        + "'activation':'relu','dropout':0.1,'sinusoidal_pos_embds':false}";
        ModelConfig config = read(json.replace('\'', '"'));
        assertThat(config.family()).isEqualTo(Family.DISTILBERT);
        assertThat(config.hiddenSize()).isEqualTo(16);
        assertThat(config.layers()).isEqualTo(2);
        assertThat(config.heads()).isEqualTo(4);
        assertThat(config.intermediateSize()).isEqualTo(24);
        assertThat(config.activation()).isEqualTo(ActivationKind.RELU);
        assertThat(config.maxPositions()).isEqualTo(512);
        assertThat(config.unused()).isEmpty();
        assertThat(read("{\"model_type\":\"distilbert\"}").layers()).isEqualTo(6);
    }

    @Test
    void bertsLabelsMayBeKnownByTheirNumberOnly() throws IOException {
        String json = ",'architectures':['BertForSequenceClassification'],'num_labels':";
        ModelConfig config = read(bert(json + "3"));
        assertThat(config.labels()).containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
        assertThat(config.unused()).isEmpty();
        assertThat(read(bert(json + "1")).task()).isEqualTo(Task.SCORE);
        String named = "2,'id2label':{'0':'no','1':'yes'}";
        assertThat(read(bert(json + named)).labels()).containsExactly("no", "yes");
        assertThat(read(bert(json + "2,'task':'embedding'")).labels()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "gelu, GELU",
        "gelu_python, GELU",
        "gelu_new, GELU_NEW",
        "gelu_accurate, GELU_NEW",
        "gelu_fast, GELU_NEW",
        "gelu_pytorch_tanh, GELU_NEW",
        "silu, SILU",
        "swish, SILU",
        "relu, RELU"
    })
    void activationsHaveHuggingFacesNames(String name, ActivationKind kind) throws IOException {
        assertThat(read(bert(",'hidden_act':'%s'".formatted(name))).activation()).isEqualTo(kind);
    }

    private static String bert(String keys) {
        return "{\"model_type\":\"bert\"%s}".formatted(keys.replace('\'', '"'));
    }

    @Test
    void bertsKeysThatMeanNothingAreListed() throws IOException {
        String usual =
                bert(
                        ",'architectures':['BertModel'],'hidden_dropout_prob':0.1,'use_cache':true,"
                                + "'is_decoder':false,'type_vocab_size':2,'pad_token_id':0,"
                                + "'position_embedding_type':'absolute','dtype':'float32'");
        assertThat(read(usual).unused()).isEmpty();
        assertThat(read(bert(",'rope_theta':1e4,'adapters':{}")).unused())
                .containsExactly("rope_theta", "adapters");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ",'is_decoder':true|is_decoder: expected false, as a token attends to all of its"
                        + " text, found true",
                ",'add_cross_attention':true|add_cross_attention: expected false",
                ",'position_embedding_type':'relative_key'|position_embedding_type: expected"
                        + " 'absolute', found relative_key",
                ",'architectures':['BertForSequenceClassification'],'problem_type':"
                        + "'multi_label_classification'|problem_type: expected"
                        + " 'single_label_classification', or 'task': 'text-classification' for the"
                        + " softmax of it, found 'multi_label_classification'",
                ",'architectures':['BertForSequenceClassification'],'problem_type':'regression','id2label':{'0':'x'}|problem_type:"
                    + " expected 'single_label_classification', or 'task': 'score' for the sigmoid"
                    + " of it, found 'regression'",
                ",'architectures':['BertForSequenceClassification'],'num_labels':1,"
                        + "'sentence_transformers':{'activation_fn':'torch.nn.Identity'}"
                        + "|sentence_transformers.activation_fn: expected that of Sigmoid, or",
                ",'architectures':['BertForTokenClassification']|architectures: expected"
                        + " 'BertForSequenceClassification', or 'task': 'embedding' for the encoder"
                        + " alone, found 'BertForTokenClassification'",
                ",'architectures':['BertForQuestionAnswering']|architectures: expected",
                ",'architectures':['BertForMultipleChoice']|architectures: expected",
                ",'architectures':['BertForNextSentencePrediction']|architectures: expected",
            })
    void whatBertWouldComputeOtherwiseIsRefused(String keys, String message) {
        assertThatThrownBy(() -> read(bert(keys)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(message.replace('\'', '"'));
    }

    @Test
    void theEncoderBelowAnotherHeadMayBeAskedFor() throws IOException {
        String json = ",'architectures':['BertForTokenClassification'],'task':'embedding'";
        assertThat(read(bert(json)).task()).isEqualTo(Task.EMBEDDING);
        assertThat(read(bert(",'architectures':['BertForMaskedLM']")).task())
                .isEqualTo(Task.EMBEDDING);
    }

    @Test
    void theSigmoidOfALogitMayBeAskedFor() throws IOException {
        String json =
                ",'architectures':['BertForSequenceClassification'],'id2label':{'0':'x'},"
                        + "'problem_type':";
        assertThat(read(bert(json + "'multi_label_classification'")).task()).isEqualTo(Task.SCORE);
        assertThat(read(bert(json + "'regression','task':'score'")).task()).isEqualTo(Task.SCORE);
        String old = "null,'sbert_ce_default_activation_function':'torch.nn.modules.activation.";
        assertThat(read(bert(json + old + "Sigmoid'")).task()).isEqualTo(Task.SCORE);
    }

    @Test
    void keysThatMeanNothingAreListed() throws IOException {
        ModelConfig config =
                read(TinyCheckpoint.text("score").with("{\"layer_scales\":1,\"dtype\":\"x\"}"));
        assertThat(config.unused()).containsExactly("layer_scales");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'model_type':'gpt'}|model_type: expected one of 'flink-sigmoid', 'bert',"
                        + " 'roberta', 'xlm-roberta', 'camembert', 'distilbert', 'electra', found"
                        + " 'gpt'",
                "{'task':null}|task: expected one of 'ctc', 'text-classification', 'score',"
                        + " 'embedding', found nothing",
                "{'task':'ctc'}|frontend: expected a front end, as task 'ctc' needs, found none",
                "{'hidden_size':16.0}|hidden_size: expected an integer from 1 to 8192, found 16.0",
                "{'hidden_size':'16'}|hidden_size: expected an integer from 1 to 8192, found '16'",
                "{'hidden_size':0}|hidden_size: expected an integer from 1 to 8192, found 0",
                "{'hidden_size':1000000000}|found 1000000000 in config.json",
                "{'hidden_size':99999999999999999999}|found 99999999999999999999",
                "{'hidden_size':true}|found true",
                "{'hidden_size':[16]}|found [16]",
                "{'hidden_size':15}|num_attention_heads: expected a divisor of hidden_size 15, fo",
                "{'num_attention_heads':16}|position.type: expected an even head width",
                "{'hidden_size':15,'num_attention_heads':1,'position':{'type':'sinusoidal'}}"
                        + "|position.type: expected an even hidden_size for 'sinusoidal', found 15",
                "{'hidden_size':8192,'max_position_embeddings':131072,'position':"
                        + "{'type':'sinusoidal'}}|max_position_embeddings: expected at most",
                "{'num_hidden_layers':257}|num_hidden_layers: expected an integer from 1 to 256",
                "{'max_position_embeddings':2147483648}|expected an integer from 1 to 131072",
                "{'vocab_size':null}|vocab_size: expected the number of token ids, found nothing",
                "{'vocab_size':255}|vocab_size: expected at least 256, as tokenizer 'byte' needs",
                "{'hidden_act':'swish'}|hidden_act: expected one of 'relu', 'gelu', 'gelu_new',",
                "{'layer_norm_eps':'tiny'}|layer_norm_eps: expected a number from",
                "{'layer_norm_eps':-1e-12}|layer_norm_eps: expected a number from 0.0 to 0.1",
                "{'layer_norm_eps':1e400}|layer_norm_eps: expected a number",
                "{'norm':'before'}|norm: expected one of 'pre', 'post', 'hybrid', found 'before'",
                "{'norm':null}|norm: expected one of 'pre', 'post', 'hybrid', found nothing",
                "{'layer_scale':'0.2'}|layer_scale: expected a number",
                "{'reparam':'tau'}|reparam: expected one of 'sigma', found 'tau'",
                "{'use_bias':'no'}|use_bias: expected true or false, found 'no'",
                "{'pooling':'sum'}|pooling: expected one of 'mean', 'cls', 'max', found 'sum'",
                "{'tokenizer':'words'}|tokenizer: expected one of 'byte', found 'words'",
                "{'attention':null}|attention: expected an object, found nothing",
                "{'attention':'sigmoid'}|attention: expected an object, found 'sigmoid'",
                "{'attention':{}}|attention.type: expected one of 'sigmoid', 'softmax', found",
                "{'attention':{'type':'linear'}}|attention.type: expected one of 'sigmoid', 's",
                "{'attention':{'type':'sigmoid','bias':'log_n'}}|attention.bias: expected '-log_n'"
                        + " or a number from -1000 to 1000, found 'log_n'",
                "{'attention':{'type':'sigmoid','bias':[]}}|attention.bias: expected a number",
                "{'attention':{'type':'sigmoid','bais':-10}}|attention.bais: expected one of [",
                "{'attention':{'type':'sigmoid','temperature':0}}|attention.temperature: expected",
                "{'attention':{'type':'sigmoid','sliding_window':-1}}|attention.sliding_window: e",
                "{'position':{'type':'cape'}}|position.type: expected one of 'rope', 'alibi',",
                "{'position':{'type':'rope','rope_theta':0}}|position.rope_theta: expected",
                "{'frontend':{'input_size':40,'layers':[{'kernel':5,'stride':1,'channels':16,"
                        + "'activation':'relu'}]}}|frontend.input_size: expected hidden_size 16,"
                        + " the width of the embeddings, found 40",
                "{'frontend':{'input_size':16,'layers':[{'kernel':4,'stride':1,'channels':16,"
                        + "'activation':'relu'}]}}|frontend.layers: expected at most"
                        + " max_position_embeddings 256 rows from as many tokens, found 257",
                "{'frontend':{'input_size':40,'layers':[]}}|frontend.layers: expected an array of"
                        + " 1 to 8 objects, found 0 of them",
                "{'frontend':{'input_size':40,'layers':[{'kernel':0}]}}|frontend.layers[0].kernel",
                "{'task':'ctc','frontend':{'input_size':40,'layers':[{'kernel':5,'stride':2,"
                        + "'channels':12,'activation':'relu'}]}}|frontend.layers[0].channels:"
                        + " expected hidden_size 16, found 12",
                "{'id2label':{'0':'a'}}|id2label: expected at least 2 labels",
                "{'sliding_window':4}|sliding_window: expected nothing, as"
                        + " attention.sliding_window is what is read, found 4",
                "{'rope_scaling':{'type':'yarn'}}|rope_scaling: expected nothing, as position.",
                "{'max_position_embeddings':16384,'intermediate_size':32768}"
                        + "|max_position_embeddings: expected at most 8192, for rows up to 32768",
                "{'task':'ctc','frontend':{'input_size':40,'layers':[{'kernel':5,'stride':2,"
                        + "'channels':16,'activation':'relu'},{'kernel':4,'stride':2,'channels':"
                        + "16,'activation':'relu'}]}}|frontend.layers[1].kernel: expected an odd",
                "{'id2label':{'0':'a','2':'b'}}|id2label.1: expected a string of 0 to 1000"
                        + " characters, found nothing",
                "{'id2label':{'0':'a','1':2}}|id2label.1: expected a string of 0 to 1000"
                        + " characters, found 2",
                "{'id2label':['a','b']}|id2label: expected an object",
                "{'task':'score'}|id2label: expected at most 1 label, as task 'score' has one",
            })
    void aWrongConfigIsRefusedByKey(String changes, String message) {
        TinyCheckpoint checkpoint =
                TinyCheckpoint.text("text-classification").with(changes.replace('\'', '"'));
        assertThatThrownBy(() -> read(checkpoint))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message.replace('\'', '"'))
                .hasMessageEndingWith("in config.json");
    }

    @Test
    void whatIsNoJsonObjectIsRefused() throws IOException {
        for (String json :
                new String[] {"", "{", "[]", "{} {}", "{\"a\":1,\"a\":2}", "[".repeat(50_000)}) {
            assertThatThrownBy(() -> read(json))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("config.json: expected ");
        }
        byte[] large = ("{\"a\":\"" + "x".repeat(16_000_000)).getBytes(StandardCharsets.UTF_8);
        Files.write(folder.resolve("config.json"), large);
        assertThatThrownBy(() -> ModelConfig.read(folder))
                .hasMessage("config.json: expected at most 16000000 bytes, found 16000006 bytes");
    }
}
