import ApusGraph
import ApusSession
import Testing

@Suite("NumPy files")
struct NumPyFileTests {
    @Test("what is written is read back")
    func roundTrip() throws {
        let tensors = [
            Tensor([1.5, -2, .infinity, 0] as [Float], shape: [2, 2]),
            Tensor([1, 2, 3] as [Int64], shape: [3]),
            Tensor(scalar: Int32(7)),
            Tensor(zeros: TensorType(.bool, [0, 4])),
        ]
        for tensor in tensors {
            #expect(try NumPyFile.read(NumPyFile.write(tensor)) == tensor)
        }
    }

    @Test("a header as numpy.save writes it is read")
    func numPysOwn() throws {
        let text = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1), }"
        var bytes: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 0x76, 0]
        bytes += Array(text.utf8) + [UInt8](repeating: 0x20, count: 117 - text.utf8.count) + [10]
        bytes += [1, 0, 0, 0, 255, 255, 255, 255]
        #expect(try NumPyFile.read(bytes) == Tensor([1, -1] as [Int32], shape: [2, 1]))
    }

    @Test("every cut and every changed byte of a file gives an error or an array, never a trap")
    func hostile() {
        let good = NumPyFile.write(Tensor([1, 2, 3, 4] as [Float], shape: [4]))
        for count in 0..<good.count {
            #expect(throws: NumPyError.self) { try NumPyFile.read(Array(good[0..<count])) }
        }
        for index in 0..<128 {
            for value in stride(from: 0, through: 255, by: 5) {
                var bytes = good
                bytes[index] = UInt8(value)
                _ = try? NumPyFile.read(bytes)
            }
        }
    }
}
