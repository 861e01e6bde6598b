import ApusISA
import ApusNumerics
import CApusMachine

/// A Load or Store, element by element.
struct OracleTransfer {
    private let command: TransferCommand
    private let isStore: Bool
    private let memory: CoreMemory
    private let descriptor: TransferDescriptor
    private let extents: [Int]

    init(_ command: TransferCommand, isStore: Bool, _ memory: CoreMemory) throws(TrapCause) {
        self.command = command
        self.isStore = isStore
        self.memory = memory
        descriptor = try memory.decode(command.descriptor, TransferDescriptor.wordCount) {
            words throws(DecodeError) in try TransferDescriptor(words: words)
        }
        let boxExtents = descriptor.boxExtents
        extents = (0..<Rank5.count).map { Int(boxExtents[$0]) }
        try checkFormats()
    }

    private func checkFormats() throws(TrapCause) {
        let (global, local) = (descriptor.globalFormat, descriptor.localFormat)
        let reduces = descriptor.reduction != .none
        if !isStore && reduces { throw .unknownCode }
        if global == .fixed54 || (local == .fixed54 && !isStore) { throw .unsupportedFormat }
        if (global == .bits64) != (local == .bits64) { throw .unsupportedFormat }
        if reduces && (global == .bits64 || global == .e8m0) { throw .unsupportedFormat }
    }

    /// One element: where it is locally, and where in the tensor; nil outside.
    private struct Element {
        var local: Int
        var global: Int?
    }

    func run() throws(TrapCause) {
        if try CoreMemory.elements(extents) == 0 { return }
        let box = StridedBox(
            address: Int(command.local), format: descriptor.localFormat, extents: extents,
            strides: (0..<Rank5.count).map { Int(descriptor.localStrides[$0]) })
        let localRegion = try memory.region(of: box)
        let table = try readTable(localBytes: box)
        let elements = try placeElements(table)
        let globals = elements.compactMap(\.global)
        guard !globals.isEmpty else {
            if !isStore { fill(elements, localRegion) }
            return
        }
        let globalRegion = try region(of: globals)
        move(elements, localRegion, globalRegion)
        count(globals.count)
    }

    /// The global indices of the gathered dimension's positions; nil if none is gathered.
    private func readTable(localBytes: StridedBox) throws(TrapCause) -> [Int]? {
        guard let dimension = descriptor.gatherDimension else { return nil }
        let first = Int(descriptor.indexTable) + 4 * Int(command.coordinates[dimension])
        let table = StridedBox(
            address: first, format: .int32, extents: [extents[dimension]], strides: [4])
        _ = try memory.region(of: table)
        if !isStore, table.byteSpan.overlaps(localBytes.byteSpan) { throw .overlap }
        return (0..<extents[dimension]).map { Int(memory.int32(at: first + 4 * $0) ?? 0) }
    }

    /// All elements of the box, dimension 0 fastest.
    private func placeElements(_ table: [Int]?) throws(TrapCause) -> [Element] {
        let localUnit = descriptor.localFormat.bitWidth == 4 ? 1 : 2
        let globalUnit = descriptor.globalFormat.bitWidth == 4 ? 1 : 2
        var elements: [Element] = []
        var index = [Int](repeating: 0, count: Rank5.count)
        repeat {
            var local = 2 * Int(command.local)
            var global: Int? = 2 &* Int(truncatingIfNeeded: descriptor.base)
            var overflows = descriptor.base >> 62 != 0
            for d in 0..<Rank5.count {
                local += index[d] * Int(descriptor.localStrides[d]) * localUnit
                var place = Int(command.coordinates[d]) + index[d]
                if let table, descriptor.gatherDimension == d { place = table[index[d]] }
                if place < 0 || place >= Int(descriptor.tensorExtents[d]) { global = nil }
                if let known = global {
                    let step = place.multipliedReportingOverflow(
                        by: Int(descriptor.globalStrides[d]) * globalUnit)
                    let sum = known.addingReportingOverflow(step.partialValue)
                    overflows = overflows || step.overflow || sum.overflow
                    global = sum.partialValue
                }
            }
            if global != nil, overflows { throw .globalBounds }
            elements.append(Element(local: local, global: global))
        } while advance(&index)
        return elements
    }

    /// The next index, dimension 0 fastest; false after the last.
    private func advance(_ index: inout [Int]) -> Bool {
        for d in 0..<Rank5.count {
            index[d] += 1
            if index[d] < extents[d] { return true }
            index[d] = 0
        }
        return false
    }

    private func region(of places: [Int]) throws(TrapCause) -> CoreMemory.Region {
        let nibbles = descriptor.globalFormat.bitWidth / 4
        guard let first = places.min(), let region = memory.globalRegion(holding: first >> 1),
            places.allSatisfy({ region.contains(place: $0, nibbles: nibbles) })
        else { throw .globalBounds }
        return region
    }

    private func fill(_ elements: [Element], _ region: CoreMemory.Region) {
        let format = descriptor.localFormat
        for element in elements where element.global == nil {
            memory.write(region, element.local, format, UInt64(descriptor.fill) & format.mask)
        }
    }

    private func move(
        _ elements: [Element], _ localRegion: CoreMemory.Region, _ globalRegion: CoreMemory.Region
    ) {
        for element in elements {
            guard let global = element.global else {
                if !isStore { fill([element], localRegion) }
                continue
            }
            if isStore {
                let bits = memory.read(localRegion, element.local, descriptor.localFormat)
                let old = memory.read(globalRegion, global, descriptor.globalFormat)
                let new = reduced(
                    old, converted(bits, descriptor.localFormat, descriptor.globalFormat))
                memory.write(globalRegion, global, descriptor.globalFormat, new)
            } else {
                let bits = memory.read(globalRegion, global, descriptor.globalFormat)
                memory.write(
                    localRegion, element.local, descriptor.localFormat,
                    converted(bits, descriptor.globalFormat, descriptor.localFormat))
            }
        }
    }

    private func converted(
        _ bits: UInt64, _ source: ElementFormat, _ destination: ElementFormat
    ) -> UInt64 {
        source == destination
            ? bits
            : ElementFormat.convert(bits, from: source, to: destination, rounding: .nearestEven)
    }

    /// What a Store leaves in memory, both elements in the global format.
    private func reduced(_ old: UInt64, _ new: UInt64) -> UInt64 {
        let function: VectorFunction
        switch descriptor.reduction {
        case .none: return new
        case .add: function = .add
        case .max: function = .max
        case .min: function = .min
        }
        let format = descriptor.globalFormat
        let arithmetic = OracleArithmetic(isFloating: format.isFloatingPoint)
        let result = arithmetic.evaluate(
            function, arithmetic.bits(old, of: format), arithmetic.bits(new, of: format), 0)
        return converted(UInt64(result ?? 0), arithmetic.format, format)
    }

    private func count(_ elements: Int) {
        let bytes = UInt64(elements * descriptor.globalFormat.bitWidth / 4) / 2
        if isStore {
            memory.core.pointee.counters.bytes_stored += bytes
        } else {
            memory.core.pointee.counters.bytes_loaded += bytes
        }
    }
}
