import ApusChip
import ApusImport
import ApusISA
import ApusKernels
import ApusMachine
import ApusNumerics
import ApusRuntime

/// A language model in a device's memory, computing one step after the other.
///
/// A step is one list of launches. Nothing is compiled when lengths or batches change: lists for a
/// few numbers of rows are encoded when first met, and the host writes the step's tokens, positions
/// and pages into lists that Load walks.
///
/// It is a class because it owns that memory. Use it from one thread at a time.
public final class LanguageModel {
    public let configuration: LanguageModelConfiguration
    public let limits: LanguageModelLimits
    let device: any Device
    let plan: TransformerPlan
    private let loaded: LoadedProgram
    private var launches: StepLaunches
    private var sampler: Sampler
    /// What all steps did.
    public private(set) var report = RunReport()

    var memory: GlobalMemory { loaded.memory }
    /// Bytes of weights and tables in the chip's layout, and of the cache.
    public var weightBytes: Int { plan.arena.bytes - cacheBytes }
    public var cacheBytes: Int {
        plan.layers.reduce(0) { $0 + $1.cache.pages * $1.cache.pageBytes }
    }
    /// Pages of the cache.
    public var pageCount: Int { limits.cacheTokens / CacheRegion.pageTokens }

    /// Loads a model.
    ///
    /// - Parameter progress: told the share of layers that are in place, from 0 to 1.
    /// - Throws: ``LanguageModelError``, for instance what does not fit the chip.
    public init(
        _ files: LanguageModelFiles, on device: any Device, limits: LanguageModelLimits,
        progress: (Double) -> Void = { _ in }
    ) throws(LanguageModelError) {
        configuration = files.configuration
        self.limits = limits
        self.device = device
        plan = try TransformerPlan(ModelShapes(files), limits: limits, chip: device.chip)
        let program = Program(
            image: .apus, arenaBytes: plan.arena.bytes, initialised: [], inputs: [], outputs: [],
            steps: [])
        do throws(RuntimeError) {
            loaded = try device.load(program)
        } catch .memory(let needed, let free) {
            throw .doesNotFit(.memory, needed: needed, available: free)
        } catch {
            throw .device(error)
        }
        launches = StepLaunches(plan)
        sampler = plan.sampler
        try WeightLoader(files: files, plan: plan, memory: loaded.memory).load(progress)
    }

    /// Computes a step; the tokens of its choices.
    ///
    /// - Precondition: rows, runs, selection and choices are within the limits and the vocabulary.
    func run(_ step: StepInput) throws(LanguageModelError) -> [Int] {
        let chunks = write(step)
        var list = try launches.list(
            rows: step.rows.count, single: chunks.single, several: chunks.several,
            selected: step.selected.count)
        if !step.choices.isEmpty {
            list += try sampler.note(step.seen, in: memory)
            list += try sampler.launches(for: step.choices, in: memory)
        }
        do {
            report.add(try device.run(list, in: loaded))
        } catch {
            throw .device(error)
        }
        return sampler.tokens(of: step.choices, in: memory)
    }

    /// The launches of a step of this shape, without those that choose tokens.
    package func launches(of step: PlannedStep) throws(LanguageModelError) -> [Launch] {
        let chunks = step.chunks(plan)
        return try launches.list(
            rows: step.rows, single: chunks.single, several: chunks.several,
            selected: step.selected)
    }

    /// The logits of the last step's selected row `index`.
    func logits(_ index: Int) -> [Float] {
        let count = configuration.vocabularySize
        let start = plan.logits.offset + index * plan.logits.rowBytes
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: memory.bytes[start..<start + 4 * count]))
            initialised = count
        }
    }

    /// Makes a row of seen tokens that of a new sequence, which has had `tokens`.
    func forget(sequence: Int, noting tokens: ArraySlice<Int>) {
        sampler.forget(sequence: sequence, noting: tokens, in: memory)
    }

    /// Writes the step's lists; the chunks of its attention tiles.
    private func write(_ step: StepInput) -> (single: [Int], several: [Int]) {
        let rows = StepLaunches.size(step.rows.count, atMost: limits.rowsMax)
        let unused = repeatElement(Int32(-1), count: rows - step.rows.count)
        let tables = plan.tables
        let places = step.rows.map { plan.embedding.place(of: $0.token) }
        memory.write(places.map { Int32($0.codes) } + unused, at: tables.codePlaces.offset)
        memory.write(places.map { Int32($0.scales) } + unused, at: tables.scalePlaces.offset)
        memory.write(
            step.rows.map { Int32($0.position) } + unused, at: tables.positions.offset)
        let heads = configuration.attention.keyValueHeadCount
        memory.write(
            step.rows.map { Int32(CacheRegion.line(of: $0.place, heads: heads)) } + unused,
            at: tables.places.offset)
        let selectedSize = StepLaunches.size(step.selected.count, atMost: limits.selectedMax)
        memory.write(
            step.selected.map { Int32($0) }
                + repeatElement(-1, count: max(selectedSize - step.selected.count, 0)),
            at: tables.selection.offset)
        var single = TileWriter(plan.single, memory)
        var several = TileWriter(plan.several, memory)
        for run in step.runs {
            if run.rows.count == 1 {
                single.add(run, step)
            } else {
                several.add(run, step)
            }
        }
        let chunk = AttentionLaunch.chunkTokens(keySize: configuration.attention.keySize)
        return (single.write(chunk: chunk), several.write(chunk: chunk))
    }
}

/// Writes the rows and pages of attention tiles.
private struct TileWriter {
    let tables: AttentionTables
    let memory: GlobalMemory
    /// Tiles in the order of their rows: rows, the pages of their sequence, and how many keys
    /// they see.
    private var tiles: [(rows: Range<Int>, pages: [Int32], tokens: Int)] = []

    init(_ tables: AttentionTables, _ memory: GlobalMemory) {
        self.tables = tables
        self.memory = memory
    }

    mutating func add(_ run: StepInput.Run, _ step: StepInput) {
        for first in stride(from: run.rows.lowerBound, to: run.rows.upperBound, by: tables.height) {
            let rows = first..<min(first + tables.height, run.rows.upperBound)
            let last = rows.map { step.rows[$0].position }.max() ?? -1
            tiles.append((rows, run.pages, last + 1))
        }
    }

    /// Writes the tiles, and leaves no row of an earlier step in those that fill the launch up.
    ///
    /// - Returns: the chunks of each tile.
    func write(chunk: Int) -> [Int] {
        precondition(
            tiles.count <= tables.tilesMax, "a step has at most one tile for each row")
        let order = AttentionTables.order(of: tiles.map(\.tokens))
        for (place, index) in order.enumerated() {
            let tile = tiles[index]
            memory.write(
                tile.rows.map { Int32($0) }
                    + repeatElement(-1, count: tables.height - tile.rows.count),
                at: tables.rows.offset + place * tables.rows.rowBytes)
            let unused = repeatElement(Int32(-1), count: tables.pages.columns - tile.pages.count)
            memory.write(
                tile.pages + unused, at: tables.pages.offset + place * tables.pages.rowBytes)
        }
        let size = StepLaunches.size(tiles.count, atMost: tables.tilesMax)
        for place in tiles.count..<max(size, tiles.count) {
            memory.write(
                repeatElement(-1, count: tables.height),
                at: tables.rows.offset + place * tables.rows.rowBytes)
        }
        return order.map { (tiles[$0].tokens + chunk - 1) / chunk }
    }
}

extension RunReport {
    /// Adds what another run did.
    mutating func add(_ other: RunReport) {
        launches += other.launches
        hostSteps += other.hostSteps
        commands += other.commands
        bytesLoaded += other.bytesLoaded
        bytesStored += other.bytesStored
        multiplyAdds += other.multiplyAdds
        vectorElements += other.vectorElements
        controlInstructions += other.controlInstructions
        commandsByMnemonic.merge(other.commandsByMnemonic, uniquingKeysWith: +)
    }
}
