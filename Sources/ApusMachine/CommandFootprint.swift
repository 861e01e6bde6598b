import ApusISA
import ApusNumerics

/// The bytes that a command reads and writes.
///
/// A command that would trap has whatever its words say; nobody may rely on it.
public struct CommandFootprint: Hashable, Sendable {
    /// Where addresses count.
    public enum Space: Hashable, Sendable {
        /// Local addresses of the command's own core.
        case local
        /// Global addresses.
        case global
    }

    /// One set of elements that is read or written.
    public struct Access: Hashable, Sendable {
        public var space: Space
        public var isWrite: Bool
        public var box: StridedBox
    }

    /// What is read comes before what is written.
    public private(set) var accesses: [Access] = []

    /// The footprint of a command of the core that `memory` looks at.
    init(of word: CommandWord, in memory: CoreMemory) {
        guard let command = try? Command(decoding: word) else { return }
        switch command.operation {
        case .nop: break
        case .load(let load): addTransfer(load, isStore: false, memory)
        case .store(let store): addTransfer(store, isStore: true, memory)
        case .matmul(let matmul): addMatmul(matmul, memory)
        case .vector(let vector): addVector(vector, memory)
        }
        accesses.removeAll { $0.box.isEmpty }
        let writes = accesses.filter(\.isWrite)
        accesses = accesses.filter { !$0.isWrite } + writes
    }

    private mutating func read(_ box: StridedBox, _ space: Space = .local) {
        accesses.append(Access(space: space, isWrite: false, box: box))
    }

    private mutating func write(_ box: StridedBox, _ space: Space = .local) {
        accesses.append(Access(space: space, isWrite: true, box: box))
    }
}

extension CommandFootprint {
    private mutating func addTransfer(
        _ command: TransferCommand, isStore: Bool, _ memory: CoreMemory
    ) {
        guard
            let words = memory.descriptor(command.descriptor, TransferDescriptor.wordCount),
            let descriptor = try? TransferDescriptor(words: words)
        else { return }
        let boxes = globalBoxes(command, descriptor, memory)
        if isStore {
            for box in storedBoxes(command, descriptor, memory) { read(box) }
            for box in boxes {
                if descriptor.reduction != .none { read(box, .global) }
                write(box, .global)
            }
        } else {
            for box in boxes { read(box, .global) }
            write(localBox(command, descriptor))
        }
        if let gathered = descriptor.gatherDimension {
            let first = Int(descriptor.indexTable) + 4 * Int(command.coordinates[gathered])
            read(
                StridedBox(
                    address: first, format: .int32, extents: [Int(descriptor.boxExtents[gathered])],
                    strides: [4]))
        }
    }

    private func localBox(
        _ command: TransferCommand, _ descriptor: TransferDescriptor
    ) -> StridedBox {
        StridedBox(
            address: Int(command.local), format: descriptor.localFormat,
            extents: (0..<Rank5.count).map { Int(descriptor.boxExtents[$0]) },
            strides: (0..<Rank5.count).map { Int(descriptor.localStrides[$0]) })
    }

    /// The elements of the local box whose places lie in the tensor: only these are stored.
    private func storedBoxes(
        _ command: TransferCommand, _ descriptor: TransferDescriptor, _ memory: CoreMemory
    ) -> [StridedBox] {
        var boxes = [localBox(command, descriptor)]
        for dimension in 0..<Rank5.count {
            let first = Int(command.coordinates[dimension])
            let count = Int(descriptor.boxExtents[dimension])
            let extent = Int(descriptor.tensorExtents[dimension])
            var kept = [max(0, -first)..<max(max(0, -first), min(count, extent - first))]
            if descriptor.gatherDimension == dimension {
                kept = (0..<count).filter { index in
                    let table = Int(descriptor.indexTable) + 4 * (first + index)
                    return memory.int32(at: table).map { $0 >= 0 && Int($0) < extent } ?? false
                }.map { $0..<$0 + 1 }
            }
            boxes = boxes.flatMap { box in
                kept.map { indices in
                    var part = box
                    part.base += indices.lowerBound * box.dimensions[dimension].stride
                    part.dimensions[dimension].count = indices.count
                    return part
                }
            }
        }
        return boxes
    }

    /// The elements of the box that lie in the tensor: one box for each entry of the index table.
    private func globalBoxes(
        _ command: TransferCommand, _ descriptor: TransferDescriptor, _ memory: CoreMemory
    ) -> [StridedBox] {
        let base = Int(truncatingIfNeeded: descriptor.base)
        let format = descriptor.globalFormat
        let unit = format.bitWidth == 4 ? 1 : 2
        var box = StridedBox(address: base, format: format, extents: [], strides: [])
        var entries: [Int]?
        var entryStride = 0
        for dimension in 0..<Rank5.count {
            let first = Int(command.coordinates[dimension])
            let count = Int(descriptor.boxExtents[dimension])
            let extent = Int(descriptor.tensorExtents[dimension])
            let stride = Int(descriptor.globalStrides[dimension]) * unit
            if descriptor.gatherDimension == dimension {
                let table = (0..<count).compactMap {
                    memory.int32(at: Int(descriptor.indexTable) + 4 * (first + $0))
                }
                entries = table.map { Int($0) }.filter { 0 <= $0 && $0 < extent }
                entryStride = stride
            } else {
                let low = max(first, 0)
                let high = min(first + count, extent)
                box.base += low * stride
                box.dimensions.append(.init(count: max(0, high - low), stride: stride))
            }
        }
        guard let entries else { return [box] }
        return entries.map { entry in
            var gathered = box
            gathered.base += entry * entryStride
            return gathered
        }
    }
}

extension CommandFootprint {
    private mutating func addMatmul(_ command: MatmulCommand, _ memory: CoreMemory) {
        guard
            let words = memory.descriptor(command.descriptor, MatrixDescriptor.wordCount),
            let descriptor = try? MatrixDescriptor(words: words)
        else { return }
        let shape = MatmulShape(descriptor)
        if shape.k > 0 {
            read(shape.a(command))
            read(shape.b(command))
            for box in shape.scales(command) { read(box) }
        }
        let accumulators = shape.accumulators(command)
        if command.accumulate { read(accumulators) }
        write(accumulators)
    }

    private mutating func addVector(_ command: VectorCommand, _ memory: CoreMemory) {
        guard
            let words = memory.descriptor(command.descriptor, VectorDescriptor.wordCount),
            let descriptor = try? VectorDescriptor(words: words)
        else { return }
        let operands = VectorOperands(command, descriptor)
        for box in operands.sources { read(box) }
        for box in operands.destinations { write(box) }
    }
}
