import ApusISA
import ApusMachine
import ApusNumerics

/// What random programs have done, beside what they should.
package struct Coverage {
    /// All that should be done, in the order of the table.
    package let wanted: [CoverageItem]
    private(set) package var counts: [CoverageItem: Int] = [:]

    /// Commands that one queue holds.
    let queueDepth: Int

    package init(wanted: [CoverageItem], queueDepth: Int) {
        self.wanted = wanted
        self.queueDepth = queueDepth
    }

    package var missing: [CoverageItem] { wanted.filter { counts[$0] == nil } }

    /// The share of what is wanted that was done.
    package var percent: Double {
        100 * Double(wanted.count - missing.count) / Double(max(1, wanted.count))
    }

    package mutating func add(_ item: CoverageItem) { counts[item, default: 0] += 1 }

    /// Adds what a command that was carried out did; one without elements did nothing.
    package mutating func add(_ word: CommandWord, descriptor words: [UInt32]) {
        guard let command = try? Command(decoding: word),
            !Coverage.extents(of: word, words).contains(0)
        else { return }
        switch command.operation {
        case .nop: break
        case .load, .store:
            guard let descriptor = try? TransferDescriptor(words: words) else { return }
            addTransfer(command, descriptor)
        case .matmul(let matmul):
            add(
                .matmul(
                    RandomCommand.MatmulKind(
                        aFormat: matmul.aFormat, bFormat: matmul.bFormat, passes: matmul.passes,
                        scaling: matmul.scaling)))
        case .vector(let vector):
            let form = vector.opcode.form
            if form != .random { add(.vector(vector.opcode, from: vector.aFormat)) }
            add(.vectorInto(vector.opcode, vector.dFormat))
            if let rule = RoundingRule(rawValue: vector.rounding) { add(.rounding(rule)) }
        }
    }

    /// The extents of what a command works on.
    static func extents(of word: CommandWord, _ descriptor: [UInt32]) -> ArraySlice<UInt32> {
        switch word.opcode {
        case Opcode.nop: []
        case Opcode.load, Opcode.store: descriptor[9...13]
        case Opcode.matmul: descriptor[0...6]
        default: descriptor[0...2]
        }
    }

    private mutating func addTransfer(_ command: Command, _ descriptor: TransferDescriptor) {
        let (global, local) = (descriptor.globalFormat, descriptor.localFormat)
        if descriptor.gatherDimension != nil { add(.situation(.gather)) }
        if descriptor.base >> 40 == 1 { add(.situation(.ownWindow)) }
        if case .load = command.operation {
            add(.load(global: global, local: local))
        } else if descriptor.reduction == .none {
            add(.store(global: global, local: local))
        } else {
            add(.reduction(descriptor.reduction, global: global))
        }
    }
}

extension Coverage {
    /// Everything that a machine carries out, found by trying it, and every trap of the table.
    package static func all(of machine: Machine, _ memory: GlobalMemory) -> [CoverageItem] {
        let trial = CommandTrial(machine: machine, memory: memory)
        var items: [CoverageItem] = []
        for global in ElementFormat.allCases {
            for local in ElementFormat.allCases {
                if trial.loads(global, local) { items.append(.load(global: global, local: local)) }
            }
        }
        for global in ElementFormat.allCases {
            for local in ElementFormat.allCases where trial.stores(global, local, .none) {
                items.append(.store(global: global, local: local))
            }
            for reduction in StoreReduction.allCases
            where reduction != .none && trial.stores(global, global, reduction) {
                items.append(.reduction(reduction, global: global))
            }
        }
        items += trial.products().map { .matmul($0) }
        for opcode in VectorOpcode.allCases {
            for format in ElementFormat.allCases {
                if opcode.form != .random, trial.takes(opcode, a: format) {
                    items.append(.vector(opcode, from: format))
                }
            }
            for format in ElementFormat.allCases where trial.gives(opcode, d: format) {
                items.append(.vectorInto(opcode, format))
            }
        }
        items += RoundingRule.allCases.map { .rounding($0) }
        items += Engine.allCases.map { .nop($0) }
        items += traps + hazards
        items += CoverageItem.Situation.allCases.map { .situation($0) }
        return items
    }

    /// The causes that the command table names, by engine.
    private static var traps: [CoverageItem] {
        var items: [CoverageItem] = Engine.allCases.map { .trap($0, .unknownOpcode) }
        for row in CommandSpec.all {
            guard let engine = row.engine else { continue }
            for cause in row.traps where !items.contains(.trap(engine, cause)) {
                items.append(.trap(engine, cause))
            }
        }
        return items
    }

    /// Two engines that can meet in one memory, and how.
    private static var hazards: [CoverageItem] {
        let reads: [Engine?: Bool] = [.load: true, .store: true, .matrix: true, .vector: true]
        let all: [Engine?] = Engine.allCases + [nil]
        var items: [CoverageItem] = []
        for kind in ProgramSchedule.Hazard.Kind.allCases {
            for first in all {
                for second in all where first != second {
                    let reader = kind == .readAfterWrite ? second : first
                    // The control processor of these programs reads nothing.
                    if kind != .writeAfterWrite, reads[reader] == nil { continue }
                    // What Matrix writes, the control processor cannot reach, and the reverse.
                    let meetsMatrix = first == .matrix || second == .matrix
                    let meetsProcessor = first == nil || second == nil
                    if kind == .writeAfterWrite, meetsMatrix, meetsProcessor { continue }
                    // Nor can a Store, which writes memory and scratchpads.
                    let meetsStore = first == .store || second == .store
                    if kind == .writeAfterWrite, meetsMatrix, meetsStore { continue }
                    items.append(
                        .hazard(.init(kind: kind, first: first, second: second)))
                }
            }
        }
        return items
    }
}
