import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// Lowers groups of elementwise nodes and folds: load a tile, compute, store.
enum StreamLowering {
    /// The largest tiles worth trying, in elements.
    static let tileTargets = [
        262_144, 131_072, 65_536, 32_768, 16_384, 8192, 4096, 2048, 1024, 256, 64, 16, 4, 1,
    ]

    static func lower(_ group: Group, state: inout LoweringState) throws(TilingError) -> TileProgram
    {
        let body = try state.body(of: group)
        let order =
            group.domain.indices.filter { !group.folded.contains($0) }
            + group.domain.indices.filter { group.folded.contains($0) }
        let classes = group.domain.indices.map { group.folded.contains($0) ? 1 : 0 }
        let layout = DomainLayout(
            extents: group.domain, order: order, classes: classes, views: body.views)
        let merged = body.mappingViews(layout.project)
        let folded = layout.merged(group.folded)
        let program = try search(
            extents: layout.extents, folded: Set(folded), views: merged.views, state: state
        ) { builder throws(TilingError) in
            var emitter = BodyEmitter(body: merged, builder: builder, folded: folded)
            try emitter.emit()
            return emitter.builder
        }
        state.markComputed(body)
        return program
    }

    /// A launch that copies a view.
    static func copy(
        _ source: View, to target: View, state: LoweringState
    ) throws(TilingError) -> TileProgram {
        let extents = source.shape
        let layout = DomainLayout(
            extents: extents, order: Array(extents.indices),
            classes: extents.map { _ in 0 }, views: [source, target])
        let from = layout.project(source)
        let to = layout.project(target)
        return try search(
            extents: layout.extents, folded: [], views: [from, to], state: state
        ) { builder throws(TilingError) in
            var builder = builder
            let value = try builder.load(
                from, format: to.format, materialised: Set(layout.extents.indices))
            try builder.store(value, to: to)
            return builder
        }
    }

    /// Tries tiles of many sizes and takes the cheapest that fits.
    static func search(
        extents: [Int], folded: Set<Int>, views: [View], state: LoweringState,
        emit: (TileBuilder) throws(TilingError) -> TileBuilder
    ) throws(TilingError) -> TileProgram {
        let choices = tiles(extents: extents, folded: folded, views: views)
        return try state.cheapest(choices) { tile throws(TilingError) in
            try emit(TileBuilder.covering(extents: extents, tile: tile))
        }
    }

    /// Tiles that fill the innermost axes first; where a view runs along another axis, also tiles
    /// that take a piece of that axis before.
    static func tiles(extents: [Int], folded: Set<Int>, views: [View]) -> [[Int]] {
        var across: Set<Int?> = [nil]
        for view in views {
            let runs = view.axes.indices.filter { view.axes[$0].stride != 0 && extents[$0] > 1 }
            if let axis = runs.min(by: { abs(view.axes[$0].stride) < abs(view.axes[$1].stride) }),
                axis != extents.indices.last(where: { extents[$0] > 1 }), !folded.contains(axis)
            {
                across.insert(axis)
            }
        }
        var result: [[Int]] = []
        for target in tileTargets {
            for axis in across {
                var tile = extents.map { _ in 1 }
                var room = target
                for index in folded {
                    tile[index] = extents[index]
                    room /= extents[index]
                }
                if let axis {
                    tile[axis] = min(extents[axis], 32, max(room, 1))
                    room /= tile[axis]
                }
                for index in extents.indices.reversed()
                where !folded.contains(index) && index != axis {
                    guard room > 1 else { break }
                    let count = (extents[index] + room - 1) / room
                    tile[index] = (extents[index] + count - 1) / count
                    room /= tile[index]
                    if count > 1 { break }
                }
                if !result.contains(tile) { result.append(tile) }
            }
        }
        return result
    }
}

extension TileBuilder {
    /// A builder whose grid covers the extents with tiles of this size.
    static func covering(extents: [Int], tile: [Int]) throws(TilingError) -> TileBuilder {
        var grid: [Int] = []
        var domain: [DomainAxis] = []
        for (extent, size) in zip(extents, tile) {
            let count = (extent + size - 1) / size
            domain.append(
                DomainAxis(extent: extent, tile: size, grid: count > 1 ? grid.count : nil))
            if count > 1 { grid.append(count) }
        }
        guard grid.count <= 5 else { throw .dimensions(grid.count) }
        return TileBuilder(domain: domain, grid: grid)
    }

    /// The tile program with two buffers for what is moved and summed, or one for sums, or for all,
    /// if two do not fit.
    func fitting(_ memory: LocalMemory) throws(TilingError) -> TileProgram {
        var program: TileProgram
        do throws(TilingError) {
            program = try finish(in: memory, buffers: 2, sums: 2)
        } catch {
            do throws(TilingError) {
                program = try finish(in: memory, buffers: 2, sums: 1)
            } catch {
                program = try finish(in: memory, buffers: 1, sums: 1)
            }
        }
        do throws(TileProgramError) {
            try program.validate(
                scratchpadBytes: memory.scratchpad, accumulatorBytes: memory.accumulators,
                argumentBytes: memory.arguments)
        } catch {
            if case .argumentsTooLarge(let bytes, let limit) = error {
                throw .arguments(needed: bytes, available: limit)
            }
            throw .unsupported("\(error)")
        }
        return program
    }
}
