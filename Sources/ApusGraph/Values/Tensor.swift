#if canImport(Glibc)
    import Glibc
#endif

/// A value on the host: an element type, a shape, and row-major elements in contiguous memory.
///
/// Copies share memory until one is written. Memory may belong to somebody else, such as a mapped
/// file, and is then never written and need not be aligned.
public struct Tensor: Sendable {
    public let type: TensorType
    private var storage: TensorStorage

    public var elementType: ElementType { type.elementType }
    public var shape: Shape { type.shape }
    public var elementCount: Int { type.shape.elementCount }
    public var byteCount: Int { type.byteCount }

    /// A tensor of zeros.
    public init(zeros type: TensorType) {
        self.init(uninitialised: type) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
    }

    /// A tensor whose bytes `fill` writes, all of them.
    public init<Failure: Error>(
        uninitialised type: TensorType,
        fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        self.type = type
        storage = TensorStorage(uninitialised: type.byteCount)
        try fill(UnsafeMutableRawBufferPointer(start: storage.start, count: type.byteCount))
    }

    /// A tensor over memory of somebody else, without a copy.
    ///
    /// `owner` keeps the memory valid and unchanged; it is held as long as a tensor refers to it.
    ///
    /// - Throws: ``GraphError/byteCountMismatch(_:found:)`` unless there are exactly enough bytes.
    public init(
        _ type: TensorType, borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject
    ) throws(GraphError) {
        guard bytes.count == type.byteCount else {
            throw .byteCountMismatch(type, found: bytes.count)
        }
        self.type = type
        storage = TensorStorage(borrowing: bytes, owner: owner)
    }

    /// A tensor of a copy of `bytes`, little endian.
    ///
    /// - Throws: ``GraphError/byteCountMismatch(_:found:)`` unless there are exactly enough bytes.
    public init(_ type: TensorType, bytes: UnsafeRawBufferPointer) throws(GraphError) {
        guard bytes.count == type.byteCount else {
            throw .byteCountMismatch(type, found: bytes.count)
        }
        self.init(uninitialised: type) { $0.copyMemory(from: bytes) }
    }

    /// A tensor of a copy of `bytes`, little endian.
    ///
    /// - Throws: ``GraphError/byteCountMismatch(_:found:)`` unless there are exactly enough bytes.
    public init(_ type: TensorType, bytes: [UInt8]) throws(GraphError) {
        guard bytes.count == type.byteCount else {
            throw .byteCountMismatch(type, found: bytes.count)
        }
        self.init(uninitialised: type) { $0.copyBytes(from: bytes) }
    }

    /// A tensor of `elements` in row-major order, one for each place of `shape`.
    public init<Element: TensorElement>(_ elements: [Element], shape: Shape) {
        precondition(elements.count == shape.elementCount, "\(elements.count) elements, \(shape)")
        self.init(uninitialised: TensorType(Element.elementType, shape)) { bytes in
            elements.withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
    }

    /// A tensor of one element and no dimensions.
    public init<Element: TensorElement>(scalar element: Element) {
        self.init([element], shape: .scalar)
    }

    /// The same elements under another shape of as many elements.
    public func reshaped(to shape: Shape) -> Tensor {
        precondition(
            shape.elementCount == elementCount, "\(self.shape) does not reshape to \(shape)")
        return Tensor(type: TensorType(elementType, shape), storage: storage)
    }

    /// The same bytes as elements of another type of the same width.
    public func reinterpreted(as elementType: ElementType) -> Tensor {
        precondition(elementType.byteCount == self.elementType.byteCount)
        return Tensor(type: TensorType(elementType, shape), storage: storage)
    }

    private init(type: TensorType, storage: TensorStorage) {
        self.type = type
        self.storage = storage
    }
}

extension Tensor {
    /// Lends the bytes; they may be unaligned if the memory is borrowed.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = UnsafeRawBufferPointer(start: storage.start, count: byteCount)
        defer { withExtendedLifetime(storage) {} }
        return try body(bytes)
    }

    /// Lends the elements as Swift values; unaligned memory is copied first.
    ///
    /// `Element` need only have the width of the element type: `UInt16` reads `bfloat16`'s bits.
    public func withElements<Element: BitwiseCopyable, Result, Failure: Error>(
        as _: Element.Type, _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(MemoryLayout<Element>.size == elementType.byteCount, "width of \(elementType)")
        guard
            Int(bitPattern: storage.start) % MemoryLayout<Element>.alignment == 0 || byteCount == 0
        else { return try aligned().withElements(as: Element.self, body) }
        let start = storage.start.assumingMemoryBound(to: Element.self)
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(start: start, count: elementCount))
    }

    /// Lends the elements for writing; memory that is shared or borrowed is copied first.
    public mutating func withMutableElements<Element: BitwiseCopyable, Result, Failure: Error>(
        as _: Element.Type,
        _ body: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(MemoryLayout<Element>.size == elementType.byteCount, "width of \(elementType)")
        if storage.isBorrowed || !isKnownUniquelyReferenced(&storage) {
            storage = aligned().storage
        }
        let start = storage.start.assumingMemoryBound(to: Element.self)
        return try body(UnsafeMutableBufferPointer(start: start, count: elementCount))
    }

    /// Lends the bytes for writing; memory that is shared or borrowed is copied first.
    public mutating func withMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if storage.isBorrowed || !isKnownUniquelyReferenced(&storage) {
            storage = aligned().storage
        }
        return try body(UnsafeMutableRawBufferPointer(start: storage.start, count: byteCount))
    }

    /// A copy in memory of its own.
    private func aligned() -> Tensor {
        Tensor(uninitialised: type) { copy in withBytes { copy.copyMemory(from: $0) } }
    }

    /// The elements as an array of the Swift type that stands for the element type.
    public func array<Element: TensorElement>(of _: Element.Type) -> [Element] {
        precondition(Element.elementType == elementType, "\(elementType) is not \(Element.self)")
        return withElements(as: Element.self) { Array($0) }
    }

    /// The bytes, little endian.
    public var bytes: [UInt8] { withBytes { Array($0) } }
}

extension Tensor: Hashable {
    /// Whether types are equal and elements are equal bit by bit.
    public static func == (left: Tensor, right: Tensor) -> Bool {
        guard left.type == right.type else { return false }
        if left.storage.start == right.storage.start { return true }
        return left.withBytes { a in
            right.withBytes { b in
                guard let first = a.baseAddress, let second = b.baseAddress else { return true }
                return memcmp(first, second, a.count) == 0
            }
        }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(type)
        // The first bytes tell most constants apart; hashing all of a weight would cost more.
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(256))) }
    }
}
