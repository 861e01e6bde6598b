extension Program {
    /// Checks that everything the program names exists and lies where it may.
    ///
    /// - Throws: ``ProgramError`` for the first fault.
    public func validate() throws(ProgramError) {
        for (index, region) in initialised.enumerated() {
            try checkArena(.region(index), region.offset, region.bytes.count)
        }
        for port in inputs { try check(port, at: .input(port.name)) }
        for port in outputs { try check(port, at: .output(port.name)) }
        for (index, step) in steps.enumerated() {
            switch step {
            case .launch(let launch): try check(launch, at: .launch(index))
            case .host(let host):
                for port in host.inputs + host.outputs { try check(port, at: .hostStep(index)) }
            }
        }
    }

    private func checkArena(
        _ place: ProgramError.Place, _ offset: Int, _ bytes: Int
    ) throws(ProgramError) {
        let (end, overflows) = offset.addingReportingOverflow(bytes)
        if offset < 0 || bytes < 0 || overflows || end > arenaBytes {
            throw .outsideArena(place, offset: offset, bytes: bytes, arenaBytes: arenaBytes)
        }
    }

    private func check(_ port: Port, at place: ProgramError.Place) throws(ProgramError) {
        try checkArena(place, port.offset, port.bytes)
        var bits = port.elementType.bitWidth
        for extent in port.shape {
            let (product, overflows) = bits.multipliedReportingOverflow(by: extent)
            if extent < 0 || overflows { throw .badShape(place) }
            bits = product
        }
        if bits > Int.max - 7 { throw .badShape(place) }
        if (bits + 7) / 8 != port.bytes {
            throw .wrongSize(place, bytes: port.bytes, expected: (bits + 7) / 8)
        }
    }

    private func check(_ launch: Launch, at place: ProgramError.Place) throws(ProgramError) {
        if image.entries[launch.kernel] == nil {
            throw .unknownKernel(place, name: launch.kernel)
        }
        for offset in launch.relocations
        where offset < 0 || offset % 4 != 0 || offset > launch.arguments.count - 8 {
            throw .badRelocation(place, offset: offset)
        }
    }
}
