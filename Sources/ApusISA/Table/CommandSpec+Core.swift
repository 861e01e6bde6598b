extension CommandSpec {
    /// The fields common to all commands.
    static let syncFields = [
        FieldSpec("opcode", CommandFields.opcode, .value, "Which command it is."),
        FieldSpec("waitA", CommandFields.waitA, .sync, "Semaphore of wait A; 0 is none."),
        FieldSpec("waitB", CommandFields.waitB, .sync, "Semaphore of wait B; 0 is none."),
        FieldSpec("post", CommandFields.post, .sync, "Semaphore posted on completion; 0 is none."),
        FieldSpec("postCount", CommandFields.postCount, .sync, "What the post adds."),
        FieldSpec("waitAValue", CommandFields.waitAValue, .sync, "What wait A waits for."),
        FieldSpec("waitBValue", CommandFields.waitBValue, .sync, "What wait B waits for."),
    ]

    static let nop = CommandSpec(
        mnemonic: "nop", opcode: Opcode.nop, engine: nil,
        formula: "wait; post",
        summary: "Waits and posts, and does nothing else; any queue takes it.",
        numerics: "No values are computed.",
        why: """
            A queue may have to wait for more than two semaphores, or post more than one; a `nop` \
            before or after the command does it without a special case in any engine.
            """,
        fields: syncFields,
        traps: [.reservedBits])

    private static func transferFields(_ localRole: FieldSpec.Role) -> [FieldSpec] {
        syncFields + [
            FieldSpec(
                "descriptor", CommandFields.transferDescriptor, .descriptor,
                "Byte offset of the transfer descriptor in argument memory, a multiple of 16."),
            FieldSpec(
                "local", CommandFields.transferLocal, localRole, "Local address of the box."),
            FieldSpec("coordinate0", CommandFields.coordinate0, .value, "First coordinate, int32."),
            FieldSpec("coordinate1", CommandFields.coordinate1, .value, "Second, int32."),
            FieldSpec("coordinate2", CommandFields.coordinate2, .value, "Third, int32."),
            FieldSpec("coordinate3", CommandFields.coordinate3, .value, "Fourth, int16."),
            FieldSpec("coordinate4", CommandFields.coordinate4, .value, "Fifth, int16."),
        ]
    }

    private static let transferTraps: [TrapCause] = [
        .reservedBits, .wrongQueue, .unknownCode, .unsupportedFormat, .badDescriptor, .badShape,
        .localBounds, .globalBounds,
    ]

    static let load = CommandSpec(
        mnemonic: "load", opcode: Opcode.load, engine: .load,
        formula: "local[i] = inside(g) ? convert(global[g]) : fill,  g = coordinates + i",
        summary: "Moves a box of a strided tensor from global to local memory, filling outside it.",
        numerics: """
            A conversion between formats rounds once, ties to even; floating formats saturate as \
            their pages say. Equal formats move bits: a signalling NaN stays as it is.
            """,
        why: """
            Shapes and strides are the same for all tiles of a tensor, coordinates differ: so the \
            shape is in a descriptor and the coordinates are in the word, and a kernel patches \
            four words for each tile. The tensor's extents are known to the engine, so that \
            borders (a convolution's padding, a last ragged tile) need neither branches nor masks.
            """,
        fields: transferFields(.write),
        traps: transferTraps + [.overlap])

    static let store = CommandSpec(
        mnemonic: "store", opcode: Opcode.store, engine: .store,
        formula:
            "global[g] = reduce(global[g], convert(local[i])) if inside(g),  g = coordinates + i",
        summary: "Moves a box from local memory to a strided tensor in global memory, clipping it.",
        numerics: """
            A conversion between formats rounds once, ties to even. With a reduction the stored \
            value is combined with memory in the global format, in the box's order, dimension 0 \
            fastest.
            """,
        why: """
            The mirror of `load`, with one addition: combining with memory on the way (add, max, \
            min) spares a Load and a Vector command where partial results meet.
            """,
        fields: transferFields(.read),
        traps: transferTraps)

    static let matmul = CommandSpec(
        mnemonic: "matmul", opcode: Opcode.matmul, engine: .matrix,
        formula: "acc[m, n] += Σₖ a[m, k] · b[k, n],  k ascending",
        summary: "Multiplies two scratchpad tiles and adds the product into an accumulator tile.",
        numerics: """
            16-bit operands: one fused multiply-add in binary32 for each k, ties to even, \
            subnormals kept, one NaN (0x7FC00000). 8-bit integers: INT32, wrapping. E4M3: exact in \
            fixed54. So the result does not depend on the array's size or the tiling, and it \
            differs from a framework's sum only by the order of k.
            """,
        why: """
            One command covers a long k, so that the control processor issues few of them. Two \
            levels of m and n and three of k address a convolution's windows in the scratchpad in \
            place; an im2col copy is never made. FP32 operands are cut into BF16 slices by \
            truncation because the slices are then exact and their product's error has one sign to \
            reason about (docs/decisions/truncation-slices.md).
            """,
        fields: syncFields + [
            FieldSpec(
                "accumulate", CommandFields.accumulate, .value,
                "1: add to what the accumulators hold; 0: start from +0."),
            FieldSpec(
                "passes", CommandFields.passes, .value,
                "0: native; 1: three passes; 2: six passes over the BF16 slices of FP32 operands."),
            FieldSpec(
                "descriptor", CommandFields.matrixDescriptor, .descriptor,
                "Byte offset of the matrix descriptor in argument memory, a multiple of 16."),
            FieldSpec("a", CommandFields.matrixA, .read, "Local address of A."),
            FieldSpec("b", CommandFields.matrixB, .read, "Local address of B."),
            FieldSpec("acc", CommandFields.accumulator, .update, "Local address of the tile."),
            FieldSpec("aFormat", CommandFields.matrixAFormat, .value, "Format of A."),
            FieldSpec("bFormat", CommandFields.matrixBFormat, .value, "Format of B."),
            FieldSpec(
                "scaling", CommandFields.scaling, .value,
                "0: none; 1: B is dequantised by groups along k; 2: block scales on A and B."),
        ],
        traps: [
            .reservedBits, .wrongQueue, .unknownCode, .unsupportedFormat, .badDescriptor, .badShape,
            .localBounds, .misalignedAddress,
        ])
}
