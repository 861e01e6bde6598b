import ApusGraph

/// The dictionary at the start of a `.npy` file.
struct NumPyHeader {
    let elementType: ElementType
    let shape: Shape

    /// Type codes that are read, and the types they stand for.
    private static let types: [(code: String, type: ElementType)] = [
        ("|b1", .bool), ("|i1", .int8), ("|u1", .uint8), ("<i2", .int16), ("<u2", .uint16),
        ("<i4", .int32), ("<u4", .uint32), ("<i8", .int64), ("<u8", .uint64), ("<f2", .float16),
        ("<f4", .float32), ("<f8", .float64),
    ]

    /// The code under which elements of `type` are written.
    static func code(of type: ElementType) -> String {
        if let row = types.first(where: { $0.type == type }) { return row.code }
        return type.byteCount == 2 ? "<u2" : "|u1"
    }

    init(parsing bytes: ArraySlice<UInt8>) throws(NumPyError) {
        var scanner = Scanner(rest: bytes)
        var type: ElementType?
        var extents: [Int]?
        var isFortran: Bool?
        try scanner.expect("{")
        while !scanner.take("}") {
            let key = try scanner.string()
            try scanner.expect(":")
            switch key {
            case "descr":
                let code = try scanner.string()
                let row = Self.types.first {
                    $0.code == code || $0.code.dropFirst() == code.dropFirst() && code.first == "="
                }
                guard let row else { throw .elementType(code) }
                type = row.type
            case "fortran_order": isFortran = try scanner.boolean()
            case "shape": extents = try scanner.tuple()
            default: throw .header
            }
            if !scanner.take(",") {
                try scanner.expect("}")
                break
            }
        }
        guard let type, let extents, let isFortran else { throw .header }
        guard let shape = try? Shape(checked: extents) else { throw .shape(extents) }
        if isFortran, extents.filter({ $0 > 1 }).count > 1 { throw .fortranOrder }
        elementType = type
        self.shape = shape
    }

    /// Reads the few Python literals that the header consists of.
    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func skipSpace() {
            while let byte = rest.first, byte == 0x20 || byte == 0x0A { rest.removeFirst() }
        }

        mutating func take(_ literal: String) -> Bool {
            skipSpace()
            guard rest.starts(with: literal.utf8) else { return false }
            rest.removeFirst(literal.utf8.count)
            return true
        }

        mutating func expect(_ literal: String) throws(NumPyError) {
            guard take(literal) else { throw .header }
        }

        mutating func string() throws(NumPyError) -> String {
            try expect("'")
            guard let end = rest.firstIndex(of: 0x27) else { throw .header }
            let text = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            return text
        }

        mutating func boolean() throws(NumPyError) -> Bool {
            if take("True") { return true }
            try expect("False")
            return false
        }

        mutating func tuple() throws(NumPyError) -> [Int] {
            try expect("(")
            var extents: [Int] = []
            while !take(")") {
                skipSpace()
                let digits = rest.prefix { (0x30...0x39).contains($0) }
                guard let extent = Int(String(decoding: digits, as: UTF8.self)) else {
                    throw .header
                }
                rest = rest[digits.endIndex...]
                extents.append(extent)
                guard extents.count <= 64 else { throw .header }
                if !take(",") {
                    try expect(")")
                    break
                }
            }
            return extents
        }
    }
}
