import ApusMachine

/// What the host writes into the arena before a step: lists of INT32, -1 where there is nothing.
struct StepTables: Sendable {
    /// Places of the tokens' embeddings.
    var codePlaces, scalePlaces: RowBuffer
    var positions, places: RowBuffer
    /// Rows whose logits are wanted.
    var selection: RowBuffer

    init(rowsMax: Int, in arena: inout ArenaLayout) {
        codePlaces = arena.rows(1, rowsMax, .int32)
        scalePlaces = arena.rows(1, rowsMax, .int32)
        positions = arena.rows(1, rowsMax, .int32)
        positions.rows = rowsMax
        positions.columns = 1
        places = arena.rows(1, rowsMax, .int32)
        selection = arena.rows(1, rowsMax, .int32)
    }
}

/// The tiles of an attention launch.
struct AttentionTables: Sendable {
    /// Rows of a tile.
    var height: Int
    var tilesMax: Int
    var rows: RowBuffer
    var pages: RowBuffer

    init(height: Int, tilesMax: Int, pagesMax: Int, in arena: inout ArenaLayout) {
        self.height = height
        self.tilesMax = tilesMax
        rows = arena.rows(tilesMax, height, .int32)
        pages = arena.rows(tilesMax, pagesMax, .int32)
    }

    /// In what order tiles go into a launch: pairs of a long and a short one, since each core gets
    /// tiles that follow one another. Every other pair begins with the short one, so that not all
    /// cores ask for the same keys at the same time.
    ///
    /// - Parameter lengths: keys, or chunks, of each tile.
    static func order(of lengths: [Int]) -> [Int] {
        let falling = lengths.indices.sorted {
            lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1
        }
        var order = falling.indices.map {
            falling[$0.isMultiple(of: 2) ? $0 / 2 : falling.count - 1 - $0 / 2]
        }
        for place in stride(from: 2, to: order.count - 1, by: 4) {
            order.swapAt(place, place + 1)
        }
        return order
    }
}

extension GlobalMemory {
    /// Writes INT32 values at an offset.
    ///
    /// - Precondition: they lie in the arena.
    func write(_ values: some Collection<Int32>, at offset: Int) {
        var place = offset
        for value in values {
            bytes.storeBytes(of: value.littleEndian, toByteOffset: place, as: Int32.self)
            place += 4
        }
    }
}
