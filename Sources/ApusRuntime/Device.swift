import ApusChip
import ApusISA
import ApusMachine

/// How an emulated device carries out launches; the results are the same bits in every mode.
public typealias EmulationMode = ApusMachine.EmulationMode

/// Performs a host step: reads the step's inputs from the program's memory, writes its outputs.
public typealias HostStepBody = (HostStep, LoadedProgram) throws(RuntimeError) -> Void

/// A chip that runs programs.
///
///     let loaded = try device.load(program)
///     try loaded.write(bytes, to: program.inputs[0])
///     let report = try device.run(loaded) { step, memory in … }
///     try loaded.read(program.outputs[0], into: buffer)
///
/// Calls may come from any thread; runs happen one after the other.
public protocol Device: AnyObject, Sendable {
    /// The chip that it is.
    var chip: Chip { get }

    /// Reserves the program's arena and fills its initialised regions.
    ///
    /// The memory is given back when the loaded program goes away. Initial bytes that nobody else
    /// holds are given back to the host one region after the other.
    ///
    /// - Throws: ``RuntimeError/memory(needed:free:)`` if it does not fit beside the programs that
    ///   are loaded, ``RuntimeError/program(_:)`` if it contradicts itself.
    func load(_ program: consuming Program) throws(RuntimeError) -> LoadedProgram

    /// Performs the program's steps in order; `hostStep` performs those of the host.
    ///
    /// - Throws: ``RuntimeError/machine(_:launch:)`` for the first launch that fails, and what
    ///   `hostStep` throws.
    func run(_ program: LoadedProgram, hostStep: HostStepBody) throws(RuntimeError) -> RunReport

    /// Runs launches that the caller made, one after the other, in the memory of a program.
    ///
    /// So one loaded program serves launch lists that change from call to call: whoever makes them
    /// changes arguments and encodes nothing anew.
    ///
    /// - Precondition: arguments hold absolute addresses (``LoadedProgram/arenaAddress``) and no
    ///   relocations are left.
    /// - Throws: ``RuntimeError/machine(_:launch:)`` for the first launch that fails.
    func run(_ launches: [Launch], in program: LoadedProgram) throws(RuntimeError) -> RunReport
}
