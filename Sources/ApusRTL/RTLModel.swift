import ApusChip
import CApusRTL

/// A Verilated chip: the RTL itself, clocked by the host.
///
///     let model = try RTLModel(path: "build/rtl/nano/libapusrtl.so", chip: .nano)
///     model.writeProgram(core: 0, at: 0, code)
///     model.attach(address: base, bytes, latency: 20)
///     let results = model.launch(entry: 0, arguments: block, cycleLimit: 1_000_000)
///
/// It is a class because it owns the model. One thread at a time uses it.
public final class RTLModel {
    /// How one core's part of a launch went.
    public typealias CoreResult = apus_rtl_result

    public let chip: Chip
    private var library = apus_rtl_library()
    private let model: OpaquePointer

    /// Where `make rtl` puts the model of a chip, from the repository's root.
    public static func defaultPath(chip: Chip) -> String {
        "build/rtl/\(chip.name)/libapusrtl.so"
    }

    /// Opens the library at `path` and makes a chip with zeroed memories.
    ///
    /// - Parameter allowsBehavioural: whether engines may be those of the emulator.
    /// - Throws: ``RTLError``.
    public init(path: String, chip: Chip, allowsBehavioural: Bool) throws(RTLError) {
        var message = [CChar](repeating: 0, count: 512)
        guard apus_rtl_library_open(path, &library, &message, UInt32(message.count)) else {
            let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw .library(path: path, reason: String(decoding: reason, as: UTF8.self))
        }
        guard let made = library.create() else {
            throw .library(path: path, reason: "it makes no chip")
        }
        self.chip = chip
        model = made
        var sizes = apus_rtl_sizes()
        library.get_sizes(model, &sizes)
        let version = UInt32(APUS_RTL_VERSION)
        if sizes.version != version {
            throw .version(path: path, found: sizes.version, wanted: version)
        }
        for (parameter, built, wanted) in RTLModel.parameters(sizes, chip) where built != wanted {
            throw .otherChip(path: path, parameter: parameter, built: built, wanted: wanted)
        }
        if sizes.behavioural_engines != 0 && !allowsBehavioural { throw .behavioural(path: path) }
    }

    deinit {
        library.destroy(model)
        // The library stays open: what it registered with the process must not outlive it.
    }

    private static func parameters(
        _ sizes: apus_rtl_sizes, _ chip: Chip
    ) -> [(String, Int, Int)] {
        let formats = chip.matrixFormats.reduce(0) { $0 | 1 << Int($1.rawValue) }
        return [
            ("coreCount", Int(sizes.core_count), chip.coreCount),
            ("scratchpadBytes", Int(sizes.scratchpad_bytes), chip.scratchpadBytes),
            ("scratchpadBanks", Int(sizes.scratchpad_banks), chip.scratchpadBanks),
            ("accumulatorBytes", Int(sizes.accumulator_bytes), chip.accumulatorBytes),
            ("programBytes", Int(sizes.program_bytes), chip.programBytes),
            ("argumentBytes", Int(sizes.argument_bytes), chip.argumentBytes),
            ("queueDepth", Int(sizes.queue_depth), chip.queueDepth),
            ("matrixRows", Int(sizes.matrix_rows), chip.matrixRows),
            ("matrixColumns", Int(sizes.matrix_columns), chip.matrixColumns),
            ("vectorLanes", Int(sizes.vector_lanes), chip.vectorLanes),
            ("matrixFormats", Int(sizes.matrix_formats), formats),
        ]
    }

    /// Writes bytes of a core's program memory.
    ///
    /// - Precondition: they lie in it.
    public func writeProgram(core: Int, at address: UInt32, _ bytes: UnsafeRawBufferPointer) {
        precondition(Int(address) + bytes.count <= chip.programBytes, "the bytes are in the memory")
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        library.write_program(model, UInt32(core), address, start, UInt32(bytes.count))
    }

    /// Writes bytes of a core's argument memory.
    ///
    /// - Precondition: they lie in it.
    public func writeArguments(core: Int, at address: UInt32, _ bytes: UnsafeRawBufferPointer) {
        precondition(
            Int(address) + bytes.count <= chip.argumentBytes, "the bytes are in the memory")
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        library.write_arguments(model, UInt32(core), address, start, UInt32(bytes.count))
    }

    /// Bytes of a core's scratchpad or accumulators, by local address.
    ///
    /// - Precondition: they lie in one of the two.
    public func localBytes(core: Int, address: UInt32, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { bytes, initialised in
            library.read_local(model, UInt32(core), address, bytes.baseAddress, UInt32(count))
            initialised = count
        }
    }

    /// Writes bytes of a core's scratchpad or accumulators, by local address.
    ///
    /// - Precondition: they lie in one of the two.
    public func setLocalBytes(core: Int, address: UInt32, _ bytes: [UInt8]) {
        library.write_local(model, UInt32(core), address, bytes, UInt32(bytes.count))
    }

    /// Puts `bytes` behind the memory port from global `address` on.
    ///
    /// - Parameter latency: cycles from a request to its first beat.
    public func attach(address: UInt64, _ bytes: UnsafeMutableRawBufferPointer, latency: Int) {
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        library.attach(model, address, start, UInt64(bytes.count), UInt32(latency))
    }

    /// Flips bits of the scratchpad word at `address` in every read, until
    /// ``stopInjecting(core:)``.
    public func inject(core: Int, address: UInt32, dataMask: UInt64, checkMask: UInt8) {
        library.inject(model, UInt32(core), true, address, dataMask, checkMask)
    }

    /// Ends what ``inject(core:address:dataMask:checkMask:)`` began.
    public func stopInjecting(core: Int) {
        library.inject(model, UInt32(core), false, 0, 0, 0)
    }

    /// Runs a launch on all cores until they have ended, or for `cycleLimit` cycles.
    public func launch(
        entry: UInt32, argumentBytes: Int, cycleLimit: UInt64
    ) -> [CoreResult] {
        var results = [CoreResult](repeating: CoreResult(), count: chip.coreCount)
        library.launch(model, entry, UInt32(argumentBytes), cycleLimit, &results)
        return results
    }

    /// What kernels printed since the last call.
    public func takeConsole() -> [UInt8] {
        var text: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 4096) { bytes, initialised in
                initialised = Int(library.take_console(model, bytes.baseAddress, 4096))
            }
            if piece.isEmpty { return text }
            text += piece
        }
    }
}
