import ApusGraph
import ApusImport
import ApusSession
import CApus

// The functions of `apus.h`; the compiler checks each against the header.

private let versionText: StaticString = "0.1.0"

@c @implementation
public func apus_version() -> UnsafePointer<CChar>? {
    UnsafeRawPointer(versionText.utf8Start).assumingMemoryBound(to: CChar.self)
}

@c @implementation
public func apus_session_open(
    _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
    _ session: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<CChar>?,
    _ errorSize: Int
) -> apus_status {
    guard let path, let session else {
        return refuse("path and session must not be NULL", error, errorSize)
    }
    session.pointee = nil
    let parsed: SessionOptions
    do throws(OptionError) {
        parsed = try LibraryOptions.parse(options.map { String(cString: $0) } ?? "")
    } catch let failure {
        return refuse("\(failure)", error, errorSize)
    }
    do throws(SessionError) {
        let opened = LibrarySession(try Session(path: String(cString: path), options: parsed))
        session.pointee = OpaquePointer(Unmanaged.passRetained(opened).toOpaque())
        return APUS_OK
    } catch let failure {
        return report(failure, error, errorSize)
    }
}

@c @implementation
public func apus_session_close(_ session: OpaquePointer?) {
    guard let session else { return }
    Unmanaged<LibrarySession>.fromOpaque(UnsafeRawPointer(session)).release()
}

@c @implementation
public func apus_session_input_count(_ session: OpaquePointer?) -> Int {
    library(session)?.session.model.inputs.count ?? 0
}

@c @implementation
public func apus_session_input(
    _ session: OpaquePointer?, _ index: Int, _ port: UnsafeMutablePointer<apus_tensor>?
) -> apus_status {
    guard let opened = library(session), let port,
        opened.session.model.inputs.indices.contains(index)
    else { return APUS_BAD_INPUT }
    let input = opened.session.model.inputs[index]
    var fields = apus_tensor()
    fields.name = UnsafePointer(opened.inputNames[index])
    fields.element_type = input.elementType.onnxCode
    setShape(input.dimensions.map { $0 ?? -1 }, of: &fields)
    port.pointee = fields
    return APUS_OK
}

@c @implementation
public func apus_session_metadata(
    _ session: OpaquePointer?, _ key: UnsafePointer<CChar>?
) -> UnsafePointer<CChar>? {
    guard let opened = library(session), let key else { return nil }
    return UnsafePointer(opened.metadata(String(cString: key)))
}

@c @implementation
public func apus_session_run(
    _ session: OpaquePointer?, _ inputs: UnsafePointer<apus_tensor>?, _ inputCount: Int,
    _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> apus_status {
    guard let opened = library(session), inputCount >= 0, inputs != nil || inputCount == 0 else {
        return refuse("session and inputs must not be NULL", error, errorSize)
    }
    var tensors: [NamedTensor] = []
    for index in 0..<inputCount {
        guard let fields = inputs?[index] else { continue }
        switch tensor(fields, position: index, of: opened.session.model) {
        case .success(let named): tensors.append(named)
        case .failure(let problem): return refuse(problem.sentence, error, errorSize)
        }
    }
    do throws(SessionError) {
        try opened.run(tensors)
        return APUS_OK
    } catch let failure {
        return report(failure, error, errorSize)
    }
}

@c @implementation
public func apus_session_output_count(_ session: OpaquePointer?) -> Int {
    library(session)?.outputs.count ?? 0
}

@c @implementation
public func apus_session_output(
    _ session: OpaquePointer?, _ index: Int
) -> UnsafePointer<apus_tensor>? {
    guard let opened = library(session), opened.outputs.indices.contains(index) else { return nil }
    return UnsafePointer(opened.outputs[index])
}

@c @implementation
public func apus_session_report(_ session: OpaquePointer?) -> UnsafePointer<CChar>? {
    library(session)?.reportText.map { UnsafePointer($0) }
}
