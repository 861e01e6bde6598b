import ApusMachine

/// What the checker found in one launch of a program.
public struct LaunchFinding: Hashable, Sendable {
    /// The launch's label.
    public var launch: String
    public var finding: Finding
}

extension LaunchFinding: CustomStringConvertible {
    public var description: String { "\(launch): \(finding)" }
}
