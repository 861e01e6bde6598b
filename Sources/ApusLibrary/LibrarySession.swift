import ApusChip
import ApusGraph
import ApusSession
import CApus

/// What an `apus_session` handle points to: a session and the C structures of its last outputs.
final class LibrarySession {
    let session: Session
    /// Lives as long as the session, so that ports may point into it.
    private(set) var inputNames: [UnsafeMutablePointer<CChar>] = []
    private(set) var outputs: [UnsafeMutablePointer<apus_tensor>] = []
    private(set) var reportText: UnsafeMutablePointer<CChar>?
    private var metadataTexts: [String: UnsafeMutablePointer<CChar>] = [:]

    init(_ session: Session) {
        self.session = session
        inputNames = session.model.inputs.map { copyText($0.name) }
    }

    deinit {
        releaseOutputs()
        inputNames.forEach { $0.deallocate() }
        metadataTexts.values.forEach { $0.deallocate() }
    }

    /// The model's text under `key`; the same pointer for the same key.
    func metadata(_ key: String) -> UnsafeMutablePointer<CChar>? {
        if let known = metadataTexts[key] { return known }
        guard let text = session.model.metadata[key] else { return nil }
        let copy = copyText(text)
        metadataTexts[key] = copy
        return copy
    }

    /// Runs the model and replaces the outputs and the report.
    func run(_ inputs: [NamedTensor]) throws(SessionError) {
        releaseOutputs()
        let results = try session.run(inputs)
        outputs = results.map { describe($0) }
        reportText = session.report.map { copyText($0.json.text) }
    }

    private func describe(_ result: NamedTensor) -> UnsafeMutablePointer<apus_tensor> {
        let tensor = UnsafeMutablePointer<apus_tensor>.allocate(capacity: 1)
        var fields = apus_tensor()
        fields.name = UnsafePointer(copyText(result.name))
        fields.element_type = result.tensor.elementType.onnxCode
        setShape(result.tensor.shape.dimensions, of: &fields)
        let count = result.tensor.byteCount
        let data = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 64)
        result.tensor.withBytes {
            data.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(data), byteCount: count)
        }
        fields.data = data
        fields.byte_count = UInt64(count)
        tensor.initialize(to: fields)
        return tensor
    }

    private func releaseOutputs() {
        for tensor in outputs {
            tensor.pointee.name.deallocate()
            tensor.pointee.data.deallocate()
            tensor.deallocate()
        }
        outputs = []
        reportText?.deallocate()
        reportText = nil
    }
}

/// Writes a shape of at most `APUS_RANK_MAX` extents.
func setShape(_ extents: [Int], of tensor: inout apus_tensor) {
    tensor.rank = Int32(extents.count)
    withUnsafeMutableBytes(of: &tensor.shape) { bytes in
        for (axis, extent) in extents.prefix(Int(APUS_RANK_MAX)).enumerated() {
            bytes.storeBytes(of: Int64(extent), toByteOffset: 8 * axis, as: Int64.self)
        }
    }
}

/// A zero-terminated copy that the caller deallocates.
func copyText(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    bytes.withUnsafeBufferPointer {
        copy.initialize(from: $0.baseAddress ?? UnsafePointer(copy), count: bytes.count)
    }
    return copy
}
