import ApusCosimulation
import CApusMachine
import Testing

/// Links and channels' buses of the clock: what they promise to whom.
@Suite("the clock's calendars")
struct ClockCalendarTests {
    private static let stretch = UInt64(APUS_CALENDAR_STRETCH)
    private static let kept = UInt64(APUS_CALENDAR_STRETCHES)

    private func withCalendar(_ body: (UnsafeMutablePointer<apus_calendar>) throws -> Void) rethrows
    {
        let calendar = UnsafeMutablePointer<apus_calendar>.allocate(capacity: 1)
        defer { calendar.deallocate() }
        UnsafeMutableRawPointer(calendar).initializeMemory(
            as: UInt8.self, repeating: 0, count: MemoryLayout<apus_calendar>.size)
        try body(calendar)
    }

    @Test("requests at once follow each other without a gap")
    func followsWithoutGap() {
        withCalendar { calendar in
            for index in 1...5000 {
                let end = apus_calendar_serve(calendar, 300, 700)
                // The first stretch begins at 0: what is before 300 is lost once.
                #expect(end >= 300 + UInt64(700 * (index - 1)) && end <= 300 + UInt64(700 * index))
            }
        }
    }

    @Test("one that is there before others may be asked for after them")
    func servesTheEarlier() {
        withCalendar { calendar in
            let late = 40 * Self.stretch
            #expect(apus_calendar_serve(calendar, late, 1000) == late + 1000)
            #expect(apus_calendar_serve(calendar, 0, 1000) == 1000)
            // What fits no longer before the other goes on behind it.
            let long = late + 2 * Self.stretch
            let end = apus_calendar_serve(calendar, 0, long)
            #expect(end == long + 2000)
        }
    }

    /// The same by a list of all stretches, without steps over full ones and without forgetting.
    private struct Plain {
        var taken: [UInt64: UInt64] = [:]

        mutating func serve(_ ready: UInt64, _ service: UInt64, stretch: UInt64) -> UInt64 {
            var (left, place, end) = (service, ready / stretch, ready)
            while left > 0 {
                let (begin, used) = (place * stretch, taken[place, default: 0])
                let first = max(ready, begin)
                let given = min(stretch - used, begin + stretch - first, left)
                if given > 0 {
                    end = min(max(first, begin + used) + given, begin + stretch)
                    taken[place] = used + given
                    left -= given
                }
                place += 1
            }
            return end
        }
    }

    @Test("random requests end when a plain list says", arguments: [1, 2, 3, 4] as [UInt64])
    func endsAsPlainList(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var (plain, now, total) = (Plain(), UInt64(0), UInt64(0))
        withCalendar { calendar in
            for _ in 0..<20_000 {
                now += UInt64.random(in: 0..<2400, using: &random)
                let ready = now + UInt64.random(in: 0..<Self.stretch * 60, using: &random)
                let service = UInt64.random(in: 1..<2200, using: &random)
                let expected = plain.serve(ready, service, stretch: Self.stretch)
                // Far behind what was promised last, the calendar knows nothing.
                guard calendar.pointee.horizon < ready / Self.stretch + Self.kept else { continue }
                #expect(
                    apus_calendar_serve(calendar, ready, service) == expected, "seed \(seed)")
                #expect(expected >= ready + min(service, 1))
                total += service
            }
        }
        #expect(plain.taken.values.allSatisfy { $0 <= Self.stretch })
        #expect(plain.taken.values.reduce(0, +) >= total)
    }
}
