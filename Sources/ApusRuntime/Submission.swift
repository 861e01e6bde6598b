import ApusISA

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A run that goes on while the caller does something else.
///
///     let submission = device.submit(loaded) { step, memory in … }
///     let report = try submission.wait()
///
/// It is a class because the run has an identity. It goes on to its end even if nobody waits.
public final class Submission: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let ended = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var result: Result<RunReport, RuntimeError>?
    private var body: (() throws(RuntimeError) -> RunReport)?

    /// Starts `body` on a thread of its own; on the caller's, before this returns, if the host has
    /// no thread to give.
    init(_ body: @escaping @Sendable () throws(RuntimeError) -> RunReport) {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(ended, nil)
        self.body = body
        let context = Unmanaged.passRetained(self)
        if !Submission.startThread(context.toOpaque()) {
            context.release()
            perform()
        }
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(ended)
        mutex.deallocate()
        ended.deallocate()
    }

    /// Waits for the end of the run; may be called again, from any thread.
    ///
    /// - Throws: what the run threw.
    public func wait() throws(RuntimeError) -> RunReport {
        pthread_mutex_lock(mutex)
        while result == nil { pthread_cond_wait(ended, mutex) }
        let result = result
        pthread_mutex_unlock(mutex)
        switch result {
        case .success(let report): return report
        case .failure(let error): throw error
        case nil: preconditionFailure("the wait ends when there is a result")
        }
    }

    /// Whether the run has ended; does not wait.
    public var isDone: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return result != nil
    }

    private func perform() {
        guard let body else { return }
        self.body = nil
        let result: Result<RunReport, RuntimeError>
        do throws(RuntimeError) {
            result = .success(try body())
        } catch {
            result = .failure(error)
        }
        pthread_mutex_lock(mutex)
        self.result = result
        pthread_cond_broadcast(ended)
        pthread_mutex_unlock(mutex)
    }

    /// Runs the submission at `context`, which holds a reference, on a detached thread.
    private static func startThread(_ context: UnsafeMutableRawPointer) -> Bool {
        #if canImport(Glibc)
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { context in
                    if let context { Submission.runRetained(context) }
                    return nil
                }, context)
            if status == 0 { pthread_detach(thread) }
        #else
            var thread: pthread_t?
            let status = pthread_create(
                &thread, nil,
                { context in
                    Submission.runRetained(context)
                    return nil
                }, context)
            if status == 0, let thread { pthread_detach(thread) }
        #endif
        return status == 0
    }

    private static func runRetained(_ context: UnsafeMutableRawPointer) {
        Unmanaged<Submission>.fromOpaque(context).takeRetainedValue().perform()
    }
}

extension Device {
    /// Starts a run and returns at once; runs of one device take place one after the other.
    ///
    /// - Parameter hostStep: called on the run's own thread.
    public func submit(
        _ program: LoadedProgram,
        hostStep: @escaping @Sendable (HostStep, LoadedProgram) throws(RuntimeError) -> Void
    ) -> Submission {
        Submission { () throws(RuntimeError) in try self.run(program, hostStep: hostStep) }
    }
}
