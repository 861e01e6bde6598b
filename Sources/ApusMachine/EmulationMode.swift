/// How the machine carries out a launch; the results are the same bits in every mode.
public enum EmulationMode: Hashable, Sendable {
    /// Commands execute as soon as their waits pass, by the C engines, on several host threads.
    case fast
    /// As ``fast``, with the plain engines and the plain control processor of the specification.
    case oracle
    /// Commands and control processors take turns in an order drawn from the seed, under the
    /// checker, on one host thread.
    case checked(seed: UInt64)
}
