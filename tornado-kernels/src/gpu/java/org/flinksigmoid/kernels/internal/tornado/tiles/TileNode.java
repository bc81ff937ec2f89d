package org.flinksigmoid.kernels.internal.tornado.tiles;

import java.util.Optional;
import jdk.graal.compiler.core.common.LIRKind;
import jdk.graal.compiler.core.common.type.StampFactory;
import jdk.graal.compiler.graph.NodeClass;
import jdk.graal.compiler.graph.NodeInputList;
import jdk.graal.compiler.lir.gen.LIRGeneratorTool;
import jdk.graal.compiler.nodeinfo.NodeInfo;
import jdk.graal.compiler.nodes.FixedWithNextNode;
import jdk.graal.compiler.nodes.ValueNode;
import jdk.graal.compiler.nodes.spi.LIRLowerable;
import jdk.graal.compiler.nodes.spi.NodeLIRBuilderTool;
import jdk.vm.ci.meta.JavaKind;
import jdk.vm.ci.meta.Value;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.drivers.cuda.graal.lir.CUDAKind;
import uk.ac.manchester.tornado.runtime.graal.nodes.interfaces.MarkArrayParameterAccess;

/**
 * A call of a tile intrinsic in the compiler's graph: text with operands, kept in program order.
 */
@NodeInfo
public class TileNode extends FixedWithNextNode implements LIRLowerable, MarkArrayParameterAccess {
    /** Graal finds a node's inputs through this. */
    public static final NodeClass<TileNode> TYPE = NodeClass.create(TileNode.class);

    @Input NodeInputList<ValueNode> operands;

    private final TileText text;
    private final Result result;
    private final Optional<ArrayUse> array;

    /** What a call leaves behind. */
    enum Result {
        NOTHING(JavaKind.Void, CUDAKind.INT),
        NUMBER(JavaKind.Int, CUDAKind.INT),
        FLOAT(JavaKind.Float, CUDAKind.FLOAT),
        FLOATS(JavaKind.Object, CUDAKind.MMA_FRAG_ACC_F32),
        HALVES(JavaKind.Object, CUDAKind.MMA_FRAG_A_F16);

        final JavaKind java;
        final CUDAKind cuda;

        Result(JavaKind java, CUDAKind cuda) {
            this.java = java;
            this.cuda = cuda;
        }
    }

    /** Which operand is an array in device memory, and how it is used. */
    record ArrayUse(int operand, Access access) {}

    TileNode(TileText text, Result result, Optional<ArrayUse> array, ValueNode... operands) {
        super(TYPE, StampFactory.forKind(result.java));
        this.text = text;
        this.result = result;
        this.array = array;
        this.operands = new NodeInputList<>(this, operands);
    }

    @Override
    public Access getArrayParameterAccess(ValueNode parameter) {
        return array.filter(
                        use ->
                                MarkArrayParameterAccess.unwrapPi(parameter)
                                        == operands.get(use.operand()))
                .map(ArrayUse::access)
                .orElse(Access.NONE);
    }

    @Override
    public void generate(NodeLIRBuilderTool builder) {
        LIRGeneratorTool tool = builder.getLIRGeneratorTool();
        Value[] values = new Value[operands.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = builder.operand(operands.get(i));
        }
        boolean silent = result == Result.NOTHING;
        Value out = silent ? Value.ILLEGAL : tool.newVariable(LIRKind.value(result.cuda));
        tool.append(new TileStatement.Text(out, values, text));
        if (!silent) {
            builder.setResult(this, out);
        }
    }
}
