import ApusISA
import ApusNumerics
import CApusMachine

/// A core's memories as the plain engines see them: element by element, each access checked.
struct CoreMemory {
    let core: UnsafeMutablePointer<apus_core>

    init(_ core: UnsafeMutablePointer<apus_core>) { self.core = core }

    /// The descriptor words at an offset of argument memory; nil beyond its end.
    func descriptor(_ offset: UInt32, _ count: Int) -> [UInt32]? {
        let end = Int(offset) + 4 * count
        guard end <= Int(core.pointee.argument_capacity) else { return nil }
        let start = UnsafeRawPointer(core.pointee.arguments) + Int(offset)
        return (0..<count).map { start.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
    }

    /// A memory that an engine reaches, and the bytes of it.
    struct Region: Equatable {
        var start: UnsafeMutablePointer<UInt8>
        var addresses: Range<Int>

        /// Whether `count` half bytes from half byte `place` lie in it.
        func contains(place: Int, nibbles count: Int) -> Bool {
            place >> 1 >= addresses.lowerBound && (place + count + 1) >> 1 <= addresses.upperBound
        }
    }

    /// The scratchpad, or the accumulators, by the local address.
    func localRegion(holding address: Int) -> Region {
        let accumulators = Int(AddressMap.localAccumulators)
        if address >= accumulators {
            let end = accumulators + Int(core.pointee.accumulator_bytes)
            return Region(start: core.pointee.accumulators, addresses: accumulators..<end)
        }
        return Region(
            start: core.pointee.scratchpad, addresses: 0..<Int(core.pointee.scratchpad_bytes))
    }

    /// The program's arena, or one core's scratchpad, by the global address; nil if neither.
    func globalRegion(holding address: Int) -> Region? {
        let base = Int(core.pointee.global_base)
        let arena = base..<base + Int(core.pointee.global_bytes)
        if arena.contains(address), let start = core.pointee.global {
            return Region(start: start, addresses: arena)
        }
        let index = address >> 32 & 0xFF
        guard address >> 40 == 1, index < Int(core.pointee.core_count),
            let peer = core.pointee.peers?[index]
        else { return nil }
        let first = address & ~0xFFFF_FFFF
        let bytes = Int(peer.pointee.scratchpad_bytes)
        return Region(start: peer.pointee.scratchpad, addresses: first..<first + bytes)
    }

    /// The bits of the element at half byte `place` of `region`.
    func read(_ region: Region, _ place: Int, _ format: ElementFormat) -> UInt64 {
        let byte = (place >> 1) - region.addresses.lowerBound
        if format.bitWidth == 4 {
            return UInt64(region.start[byte] >> UInt8(place & 1 == 0 ? 0 : 4)) & 15
        }
        var bits: UInt64 = 0
        for index in 0..<format.bitWidth / 8 {
            bits |= UInt64(region.start[byte + index]) << UInt64(8 * index)
        }
        return bits
    }

    func write(_ region: Region, _ place: Int, _ format: ElementFormat, _ bits: UInt64) {
        let byte = (place >> 1) - region.addresses.lowerBound
        if format.bitWidth == 4 {
            let shift = UInt8(place & 1 == 0 ? 0 : 4)
            let kept = region.start[byte] & ~(15 << shift)
            region.start[byte] = kept | UInt8(bits & 15) << shift
            return
        }
        for index in 0..<format.bitWidth / 8 {
            region.start[byte + index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))
        }
    }

    /// The integer at a local address; nil if it lies outside the core's memories.
    func int32(at address: Int) -> Int32? {
        let region = localRegion(holding: address)
        guard region.contains(place: address * 2, nibbles: 8) else { return nil }
        return Int32(truncatingIfNeeded: read(region, address * 2, .int32))
    }

    /// The region that holds every element of the box.
    ///
    /// - Throws: ``TrapCause/localBounds`` if there is none.
    func region(of box: StridedBox) throws(TrapCause) -> Region {
        var low = box.base
        var high = box.base
        for dimension in box.dimensions {
            // Sums beyond 64 bits wrap and are refused below like all that leave the memories.
            let reach = (dimension.count - 1) &* dimension.stride
            if reach < 0 { low &+= reach } else { high &+= reach }
        }
        let region = localRegion(holding: low >> 1)
        guard low >= 0, region.contains(place: low, nibbles: box.elementNibbles),
            region.contains(place: high, nibbles: box.elementNibbles)
        else { throw .localBounds }
        return region
    }
}
