/// Brings a formula into steps on registers.
///
/// Operands are computed before what uses them, the one that needs more registers first; a register
/// is free again after its last use. A step holds one constant; others are moved to a register.
struct MicroAssembler {
    private typealias Node = Term.Node

    private var instructions: [MicroInstruction] = []
    private var uses: [ObjectIdentifier: Int] = [:]
    private var needs: [ObjectIdentifier: Int] = [:]
    private var places: [ObjectIdentifier: UInt8] = [:]
    private var isFree = [Bool](repeating: true, count: MicroInstruction.registerCount)

    /// The steps that leave the value in register 0, given operands in registers 0, 1 and 2.
    static func assemble(_ term: Term) -> [MicroInstruction] {
        var assembler = MicroAssembler()
        assembler.countUses(term.node)
        assembler.uses[ObjectIdentifier(term.node), default: 0] += 1
        assembler.emitRoot(term.node)
        assembler.instructions.append(MicroInstruction(.end))
        return assembler.instructions
    }

    // Before -------------------------------------------------------------------------------------

    private func operands(_ node: Node) -> [Node] {
        switch node.kind {
        case .input, .special, .constant: []
        case .negative(let inner): [inner]
        case .step(_, let operands): operands
        }
    }

    /// How often each node is used, which inputs are, and how many registers it needs.
    private mutating func countUses(_ node: Node) {
        let key = ObjectIdentifier(node)
        if needs[key] != nil { return }
        if case .input(let number) = node.kind {
            places[key] = number
            isFree[Int(number)] = false
        }
        var counts: [Int] = []
        for operand in operands(node) {
            countUses(operand)
            uses[ObjectIdentifier(operand), default: 0] += 1
            counts.append(needs[ObjectIdentifier(operand)] ?? 0)
        }
        counts.sort(by: >)
        needs[key] = counts.enumerated().map { $0.offset + $0.element }.max() ?? 1
    }

    // Steps --------------------------------------------------------------------------------------

    private mutating func emitRoot(_ node: Node) {
        compute(node)
        guard case .register(0) = place(of: node) else {
            if case .step = node.kind {
                instructions[instructions.count - 1].destination = 0
            } else {
                emit(node, .move, [node])
            }
            return
        }
    }

    /// Makes sure that the node's value lies in a register, if it is neither a constant nor folded
    /// into what uses it.
    private mutating func compute(_ node: Node) {
        if places[ObjectIdentifier(node)] != nil { return }
        switch node.kind {
        case .input, .special, .constant: break
        case .negative(let inner):
            compute(inner)
            emit(node, .xor, [inner, Node(.constant(0x8000_0000))])
        case .step(let opcode, let operands): computeStep(node, opcode, operands)
        }
    }

    private mutating func computeStep(
        _ node: Node, _ opcode: MicroOpcode, _ operands: [Node]
    ) {
        let canNegate = opcode == .fma || opcode == .add || opcode == .mul
        var negations: UInt8 = 0
        var values = operands
        for (index, operand) in operands.enumerated() {
            if canNegate, case .negative(let inner) = operand.kind,
                places[ObjectIdentifier(operand)] == nil
            {
                negations |= 1 << UInt8(index)
                values[index] = inner
                forget(operand, keeping: inner)
            }
        }
        let order = values.sorted {
            (needs[ObjectIdentifier($0)] ?? 0) > (needs[ObjectIdentifier($1)] ?? 0)
        }
        for value in order { compute(value) }
        emit(node, opcode, values, negations: negations)
    }

    /// One use of a negative is gone: its inner value was used instead of it.
    private mutating func forget(_ negative: Node, keeping inner: Node) {
        let key = ObjectIdentifier(negative)
        uses[key, default: 0] -= 1
        // While the negative has further uses, it still counts as a use of the inner value.
        if uses[key, default: 0] > 0 { uses[ObjectIdentifier(inner), default: 0] += 1 }
    }

    /// The step of operands that all have a place, after moves of constants that find no room.
    private mutating func emit(
        _ node: Node, _ opcode: MicroOpcode, _ operands: [Node], negations: UInt8 = 0
    ) {
        var constant: UInt32?
        var moved: [UInt8] = []
        var sources: [MicroSource] = []
        for operand in operands {
            var source = place(of: operand)
            if source == .constant, case .constant(let bits) = operand.kind {
                if constant == nil || constant == bits {
                    constant = bits
                } else {
                    let register = allocate()
                    moved.append(register)
                    instructions.append(
                        MicroInstruction(.move, to: register, .constant, constant: bits))
                    source = .register(register)
                }
            }
            sources.append(source)
        }
        for register in moved { isFree[Int(register)] = true }
        for operand in operands { release(operand) }
        // Registers whose last use this is are free by now, and may take the result.
        let register = allocate()
        places[ObjectIdentifier(node)] = register
        sources += [MicroSource](repeating: .zero, count: 3 - sources.count)
        instructions.append(
            MicroInstruction(
                opcode, to: register, sources[0], sources[1], sources[2], negations: negations,
                constant: constant ?? 0))
    }

    // Registers ----------------------------------------------------------------------------------

    private mutating func allocate() -> UInt8 {
        guard let register = isFree.firstIndex(of: true) else {
            preconditionFailure("a sequence needs more than \(isFree.count) registers")
        }
        isFree[register] = false
        return UInt8(register)
    }

    private func place(of node: Node) -> MicroSource {
        if let register = places[ObjectIdentifier(node)] { return .register(register) }
        switch node.kind {
        case .special(let source): return source
        case .constant(0): return .zero
        case .constant(0x3F80_0000): return .one
        case .constant: return .constant
        default: preconditionFailure("an operand was not computed before its use")
        }
    }

    /// Frees the operand's register after its last use.
    private mutating func release(_ node: Node) {
        let key = ObjectIdentifier(node)
        guard let register = places[key] else { return }
        uses[key, default: 0] -= 1
        if uses[key] == 0 { isFree[Int(register)] = true }
    }
}
