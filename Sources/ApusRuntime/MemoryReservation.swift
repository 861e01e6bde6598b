#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A mutual exclusion lock. A class because a lock has an identity.
final class Lock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func locked<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }
}

/// How much of a chip's memory is taken.
final class MemoryLedger: @unchecked Sendable {
    private let lock = Lock()
    private let capacity: Int
    private var used = 0

    init(capacity: Int) { self.capacity = capacity }

    /// Takes `bytes` bytes.
    ///
    /// - Throws: ``RuntimeError/memory(needed:free:)``.
    func reserve(_ bytes: Int) throws(RuntimeError) -> MemoryReservation {
        try lock.locked { () throws(RuntimeError) in
            guard bytes <= capacity - used else {
                throw .memory(needed: bytes, free: capacity - used)
            }
            used += bytes
            return MemoryReservation(bytes: bytes, ledger: self)
        }
    }

    fileprivate func release(_ bytes: Int) {
        lock.locked { used -= bytes }
    }
}

/// Bytes of a chip's memory that are taken for as long as this lives.
final class MemoryReservation: Sendable {
    private let bytes: Int
    private let ledger: MemoryLedger

    fileprivate init(bytes: Int, ledger: MemoryLedger) {
        self.bytes = bytes
        self.ledger = ledger
    }

    deinit { ledger.release(bytes) }
}
