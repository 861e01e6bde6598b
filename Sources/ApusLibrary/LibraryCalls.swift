import ApusGraph
import ApusImport
import ApusSession
import CApus

/// Why a tensor that a C caller gives is refused.
struct TensorProblem: Error {
    let sentence: String
}

/// The object behind a handle.
func library(_ session: OpaquePointer?) -> LibrarySession? {
    session.map {
        Unmanaged<LibrarySession>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue()
    }
}

/// Copies a C caller's tensor; a missing name stands for the model's input at `position`.
func tensor(
    _ fields: apus_tensor, position: Int, of model: ONNXModel
) -> Result<NamedTensor, TensorProblem> {
    let name: String
    if let given = fields.name {
        name = String(cString: given)
    } else if model.inputs.indices.contains(position) {
        name = model.inputs[position].name
    } else {
        return .failure(TensorProblem(sentence: "input \(position): the model has no such input"))
    }
    guard let type = ElementType(onnxCode: fields.element_type) else {
        return .failure(
            TensorProblem(sentence: "input \(name): element type \(fields.element_type)"))
    }
    guard (0...APUS_RANK_MAX).contains(fields.rank) else {
        return .failure(TensorProblem(sentence: "input \(name): rank \(fields.rank)"))
    }
    let extents = withUnsafeBytes(of: fields.shape) { bytes in
        (0..<Int(fields.rank)).map { bytes.load(fromByteOffset: 8 * $0, as: Int64.self) }
    }
    guard let shape = try? Shape(checked: extents.map { Int($0) }) else {
        return .failure(TensorProblem(sentence: "input \(name): shape \(extents)"))
    }
    let tensorType = TensorType(type, shape)
    guard fields.byte_count == UInt64(tensorType.byteCount),
        fields.data != nil || tensorType.byteCount == 0
    else {
        let sentence =
            "input \(name): \(tensorType) takes \(tensorType.byteCount) bytes, "
            + "found \(fields.data == nil ? 0 : fields.byte_count)"
        return .failure(TensorProblem(sentence: sentence))
    }
    let tensor = Tensor(uninitialised: tensorType) { bytes in
        guard let data = fields.data, !bytes.isEmpty else { return }
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: data, count: bytes.count))
    }
    return .success(NamedTensor(name: name, tensor: tensor))
}

/// Writes one line, cut to the caller's buffer, and says that the input was bad.
func refuse(
    _ sentence: String, _ error: UnsafeMutablePointer<CChar>?, _ size: Int
) -> apus_status {
    write(sentence, error, size)
    return APUS_BAD_INPUT
}

/// Writes the sentence of a session's error and says whose fault it is.
func report(
    _ failure: SessionError, _ error: UnsafeMutablePointer<CChar>?, _ size: Int
) -> apus_status {
    write("\(failure)", error, size)
    switch failure.blame {
    case .input: return APUS_BAD_INPUT
    case .unsupported: return APUS_UNSUPPORTED
    case .fault: return APUS_FAULT
    }
}

private func write(_ sentence: String, _ error: UnsafeMutablePointer<CChar>?, _ size: Int) {
    guard let error, size > 0 else { return }
    // Cut between characters: what remains is still UTF-8.
    var cut = sentence
    while cut.utf8.count > size - 1 { cut.removeLast() }
    for (index, byte) in cut.utf8.enumerated() { error[index] = CChar(bitPattern: byte) }
    error[cut.utf8.count] = 0
}
