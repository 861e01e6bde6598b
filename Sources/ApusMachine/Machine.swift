import ApusChip
import ApusISA
import CApusMachine

/// The emulated chip: all cores, and the host threads they share.
///
/// It is a class because it owns memories and threads. One thread at a time calls it; a launch
/// spreads over the machine's own threads and returns when every core is done.
public final class Machine {
    public let chip: Chip
    public let mode: EmulationMode
    /// Follows checked launches; nil when nobody does.
    public var observer: (any LaunchObserver)?

    let cores: [Core]
    private let peers: UnsafeMutablePointer<UnsafeMutablePointer<apus_core>?>
    private let pool: OpaquePointer
    private var image: LoadedImage?
    private var launches: UInt64 = 0

    /// What a launch hands to the threads.
    private var entry: UInt32 = 0
    private var arguments = UnsafeRawBufferPointer(start: nil, count: 0)
    private var isFirstRound = true

    private struct LoadedImage {
        var kernels: KernelImage
        var file: ELFFile
    }

    /// Makes the chip's cores, with zeroed memories.
    ///
    /// - Parameter threads: host threads that run cores, the caller's included; at least 1. Checked
    ///   launches use the caller's only.
    /// - Throws: ``MachineError/hostResources``.
    public init(chip: Chip, threads: Int, mode: EmulationMode) throws(MachineError) {
        precondition(threads >= 1, "a machine runs on at least one thread")
        self.chip = chip
        self.mode = mode
        var cores: [Core] = []
        for index in 0..<chip.coreCount {
            cores.append(try Core(index: index, chip: chip, mode: mode))
        }
        guard let pool = apus_pool_create(UInt32(min(threads, cores.count))) else {
            throw .hostResources
        }
        self.cores = cores
        self.pool = pool
        peers = .allocate(capacity: cores.count)
        for core in cores {
            peers[core.index] = core.state
            core.state.pointee.peers = UnsafePointer(peers)
        }
    }

    deinit {
        apus_pool_destroy(pool)
        peers.deallocate()
    }

    /// Copies a kernel image to the program memory of all cores, unless it is there already.
    public func load(_ kernels: KernelImage) throws(MachineError) {
        if image?.kernels == kernels { return }
        let file: ELFFile
        do {
            file = try ELFFile(kernels.elf)
        } catch {
            throw .badImage(error)
        }
        image = nil
        for core in cores { try core.load(file) }
        image = LoadedImage(kernels: kernels, file: file)
    }

    /// The entry point of a kernel of the loaded image.
    public func entry(of kernel: String) throws(MachineError) -> UInt32 {
        guard let entry = image?.kernels.entries[kernel] else { throw .unknownKernel(kernel) }
        return entry
    }

    /// Runs a kernel on all cores and returns when they are done.
    ///
    /// - Parameters:
    ///   - entry: where the control processors begin.
    ///   - arguments: the argument block, with absolute global addresses.
    ///   - memory: the global memory that transfers may reach.
    /// - Throws: the failure of the core with the lowest index, if any failed.
    public func launch(
        entry: UInt32, arguments: UnsafeRawBufferPointer, memory: GlobalMemory
    ) throws(MachineError) {
        let capacity = chip.argumentBytes
        guard arguments.count <= capacity else {
            throw .argumentsTooLarge(bytes: arguments.count, capacity: capacity)
        }
        for core in cores { core.attach(memory) }
        self.entry = entry
        self.arguments = arguments
        try restoreWritableImage()
        if case .checked(let seed) = mode {
            var scheduler = SeededScheduler(cores: cores, seed: seed, observer: observer)
            scheduler.run(entry: entry, arguments: arguments)
        } else {
            isFirstRound = true
            runCores()
            isFirstRound = false
            // Cores meet when none can go on alone.
            while Core.meet(cores) { runCores() }
        }
        self.arguments = UnsafeRawBufferPointer(start: nil, count: 0)
        launches += 1
        for core in cores {
            if let failure = core.failure { throw failure }
        }
    }

    /// What was done since the last call, all cores together.
    public func takeCounters() -> Counters {
        var counters = Counters()
        counters.launches = launches
        launches = 0
        for core in cores {
            counters.add(core.state)
            core.state.pointee.counters = apus_counters()
        }
        return counters
    }

    /// What the kernels wrote to the CONSOLE register since the last call, core after core.
    public func takeConsole() -> String {
        var bytes: [UInt8] = []
        for core in cores {
            let count = Int(core.state.pointee.console_bytes)
            bytes += UnsafeBufferPointer(start: core.state.pointee.console, count: count)
            core.state.pointee.console_bytes = 0
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Bytes of a core's scratchpad or accumulators, by local address.
    ///
    /// - Precondition: they lie in one of the two.
    public func localBytes(core: Int, address: UInt32, count: Int) -> [UInt8] {
        [UInt8](cores[core].localMemory(address, count))
    }

    /// Writes bytes of a core's scratchpad or accumulators, by local address.
    ///
    /// - Precondition: they lie in one of the two.
    public func setLocalBytes(core: Int, address: UInt32, _ bytes: [UInt8]) {
        cores[core].localMemory(address, bytes.count).copyBytes(from: bytes)
    }

    /// A core's semaphores as the last launch left them.
    public func semaphores(core: Int) -> [UInt16] {
        withUnsafeBytes(of: cores[core].state.pointee.semaphores) {
            [UInt16]($0.bindMemory(to: UInt16.self))
        }
    }

    /// What a command of a core would read and write now, with `arguments` as its argument block.
    public func footprint(
        of command: CommandWord, core: Int, arguments: UnsafeRawBufferPointer
    ) -> CommandFootprint {
        precondition(arguments.count <= chip.argumentBytes, "the block fits argument memory")
        let state = cores[core].state
        UnsafeMutableRawPointer(state.pointee.arguments).copyMemory(
            from: arguments.baseAddress ?? UnsafeRawPointer(state.pointee.arguments),
            byteCount: arguments.count)
        // The next launch clears what its own block does not cover.
        state.pointee.argument_bytes = max(
            state.pointee.argument_bytes, UInt32(arguments.count))
        return CommandFootprint(of: command, in: CoreMemory(state))
    }

    /// Runs every core as far as it goes, on the threads of the pool.
    private func runCores() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        apus_pool_run(
            pool, UInt32(cores.count),
            { context, index in
                guard let context else { return }
                Unmanaged<Machine>.fromOpaque(context).takeUnretainedValue().runCore(Int(index))
            }, context)
    }

    /// On a thread of the pool.
    private func runCore(_ index: Int) {
        let core = cores[index]
        if isFirstRound {
            core.begin(entry: entry, arguments: arguments)
            core.runEagerly()
        } else {
            core.resumeEagerly()
        }
    }

    /// A kernel with variables finds them in every launch as the image has them.
    private func restoreWritableImage() throws(MachineError) {
        guard let file = image?.file, file.lowestWritableAddress != nil else { return }
        for core in cores { try core.load(file) }
    }
}
