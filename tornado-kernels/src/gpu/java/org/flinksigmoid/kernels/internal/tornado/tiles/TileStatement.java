package org.flinksigmoid.kernels.internal.tornado.tiles;

import jdk.graal.compiler.lir.LIRInstructionClass;
import jdk.graal.compiler.lir.Opcode;
import jdk.vm.ci.meta.Value;
import uk.ac.manchester.tornado.drivers.cuda.graal.asm.CUDAAssembler;
import uk.ac.manchester.tornado.drivers.cuda.graal.compiler.CUDACompilationResultBuilder;
import uk.ac.manchester.tornado.drivers.cuda.graal.lir.CUDALIRStmt;

/**
 * Home of {@link Text}; the class it extends is visible to subclasses of this one's parent only.
 */
final class TileStatement extends CUDALIRStmt {
    private TileStatement() {}

    /** A tile intrinsic after lowering: prints its text, operands filled in, into CUDA source. */
    @Opcode("WARP_TILE")
    static final class Text extends AbstractInstruction {
        /** Graal finds an instruction's operands through this. */
        public static final LIRInstructionClass<Text> TYPE = LIRInstructionClass.create(Text.class);

        @Def({OperandFlag.REG, OperandFlag.ILLEGAL})
        protected Value result;

        @Use({OperandFlag.REG, OperandFlag.CONST, OperandFlag.ILLEGAL})
        protected Value[] operands;

        private final TileText text;

        Text(Value result, Value[] operands, TileText text) {
            super(TYPE);
            this.result = result;
            this.operands = operands;
            this.text = text;
        }

        @Override
        public void emitCode(CUDACompilationResultBuilder builder, CUDAAssembler assembler) {
            String[] names = new String[operands.length];
            for (int i = 0; i < names.length; i++) {
                names[i] = assembler.getStringValue(builder, operands[i]);
            }
            boolean silent = result.equals(Value.ILLEGAL);
            String out = silent ? "" : assembler.getStringValue(builder, result);
            for (String line : text.fill(out, names).split("\n")) {
                assembler.indent();
                assembler.emit(line);
                assembler.eol();
            }
        }
    }
}
