import ApusChip
import ApusISA

/// What a device checks before it reserves anything.
extension Program {
    /// - Throws: ``RuntimeError/program(_:)`` for the first contradiction.
    func check(for chip: Chip) throws(RuntimeError) {
        if arenaBytes < 0 { throw .program(.arena(bytes: arenaBytes)) }
        for region in initialised where !holds(region.offset, region.bytes.count) {
            throw .program(.region(offset: region.offset, bytes: region.bytes.count))
        }
        for port in inputs + outputs { try check(port) }
        for step in steps {
            switch step {
            case .host(let step):
                for port in step.inputs + step.outputs { try check(port) }
            case .launch(let launch): try check(launch, for: chip)
            }
        }
    }

    private func holds(_ offset: Int, _ bytes: Int) -> Bool {
        offset >= 0 && bytes >= 0 && bytes <= arenaBytes && offset <= arenaBytes - bytes
    }

    private func check(_ port: Port) throws(RuntimeError) {
        guard holds(port.offset, port.bytes) else {
            throw .program(.port(port.name, offset: port.offset, bytes: port.bytes))
        }
    }

    private func check(_ launch: Launch, for chip: Chip) throws(RuntimeError) {
        guard image.entries[launch.kernel] != nil else { throw .program(.kernel(launch.kernel)) }
        let bytes = launch.arguments.count
        guard bytes <= chip.argumentBytes else {
            throw .program(
                .arguments(launch: launch.label, bytes: bytes, capacity: chip.argumentBytes))
        }
        for offset in launch.relocations where offset < 0 || offset > bytes - 8 {
            throw .program(.relocation(launch: launch.label, offset: offset))
        }
    }
}
