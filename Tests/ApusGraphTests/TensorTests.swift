import ApusGraph
import Testing

@Suite("Tensor")
struct TensorTests {
    /// Memory that outlives nothing but its owner.
    private final class Memory {
        let bytes: UnsafeMutableRawBufferPointer
        init(count: Int) {
            bytes = .allocate(byteCount: count, alignment: 16)
            for index in 0..<count { bytes[index] = UInt8(index) }
        }
        deinit { bytes.deallocate() }
    }

    @Test("borrowed memory is not copied, kept alive, and copied before it is written")
    func borrowing() throws {
        var memory: Memory? = Memory(count: 9)
        weak let watched = memory
        var tensor: Tensor?
        if let memory {
            // One byte off: unaligned for 32-bit elements.
            let bytes = UnsafeRawBufferPointer(rebasing: memory.bytes[1..<9])
            tensor = try Tensor(TensorType(.uint32, [2]), borrowing: bytes, owner: memory)
            #expect(tensor?.withBytes { $0.baseAddress } == bytes.baseAddress)
        }
        memory = nil
        #expect(watched != nil)
        #expect(tensor?.array(of: UInt32.self) == [0x0403_0201, 0x0807_0605])
        var copy = tensor
        copy?.withMutableElements(as: UInt32.self) { $0[0] = 7 }
        #expect(copy?.array(of: UInt32.self) == [7, 0x0807_0605])
        #expect(tensor?.array(of: UInt32.self) == [0x0403_0201, 0x0807_0605])
        tensor = nil
        #expect(watched == nil)
    }

    @Test("copies share memory until one is written")
    func copyOnWrite() {
        let first = Tensor([1, 2, 3] as [Int16], shape: [3])
        var second = first
        #expect(first.withBytes { $0.baseAddress } == second.withBytes { $0.baseAddress })
        second.withMutableElements(as: Int16.self) { $0[1] = 9 }
        #expect(first.integers == [1, 2, 3])
        #expect(second.integers == [1, 9, 3])
        #expect(first.reshaped(to: [3, 1]).bytes == first.bytes)
    }

    @Test("a wrong number of bytes is refused")
    func byteCounts() {
        let type = TensorType(.float32, [2])
        #expect(throws: GraphError.byteCountMismatch(type, found: 7)) {
            try Tensor(type, bytes: [UInt8](repeating: 0, count: 7))
        }
    }

    @Test("every element type is found by its name")
    func names() {
        for type in ElementType.allCases {
            #expect(ElementType(description: type.description) == type)
        }
        #expect(ElementType(description: "f31") == nil)
    }

    @Test("shapes broadcast as NumPy's do")
    func broadcasting() {
        #expect(Shape([3, 1]).broadcast(with: [4]) == [3, 4])
        #expect(Shape([0]).broadcast(with: [1]) == [0])
        #expect(Shape([2]).broadcast(with: [3]) == nil)
        #expect(Shape.scalar.broadcast(with: [2, 2]) == [2, 2])
    }
}
