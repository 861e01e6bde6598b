/// A number for every byte of a memory, kept small where neighbours have equal numbers.
///
/// A page whose bytes all have the same number costs one word.
///
/// It is a class because it owns memory.
final class ShadowMemory {
    private static let pageBits = 12
    private static let pageBytes = 1 << pageBits

    /// How many bytes there are.
    let count: Int
    /// The number of each page's bytes, if the page has no table of its own.
    private let uniform: UnsafeMutableBufferPointer<UInt32>
    private let tables: UnsafeMutableBufferPointer<UnsafeMutablePointer<UInt32>?>
    private var pagesWithTable: [Int] = []

    init(count: Int) {
        self.count = count
        let pages = (count + ShadowMemory.pageBytes - 1) >> ShadowMemory.pageBits
        uniform = .allocate(capacity: pages)
        tables = .allocate(capacity: pages)
        uniform.initialize(repeating: 0)
        tables.initialize(repeating: nil)
    }

    deinit {
        for page in pagesWithTable { tables[page]?.deallocate() }
        uniform.deallocate()
        tables.deallocate()
    }

    /// Gives every byte the same number.
    func reset(to number: UInt32) {
        for page in pagesWithTable {
            tables[page]?.deallocate()
            tables[page] = nil
        }
        pagesWithTable.removeAll(keepingCapacity: true)
        uniform.update(repeating: number)
    }

    /// Replaces the numbers in `range`, which must lie within the memory.
    ///
    /// `change` is called with a number and a range of bytes that have it, and returns the new one.
    func update(_ range: Range<Int>, _ change: (UInt32, Range<Int>) -> UInt32) {
        var start = range.lowerBound
        while start < range.upperBound {
            let page = start >> ShadowMemory.pageBits
            let first = page << ShadowMemory.pageBits
            let end = min(range.upperBound, first + ShadowMemory.pageBytes)
            updatePage(page, first, start..<end, change)
            start = end
        }
    }

    private func updatePage(
        _ page: Int, _ first: Int, _ range: Range<Int>, _ change: (UInt32, Range<Int>) -> UInt32
    ) {
        guard let table = tables[page] else {
            let old = uniform[page]
            let new = change(old, range)
            if new == old { return }
            if range.count == ShadowMemory.pageBytes {
                uniform[page] = new
                return
            }
            let table = UnsafeMutablePointer<UInt32>.allocate(capacity: ShadowMemory.pageBytes)
            table.initialize(repeating: old, count: ShadowMemory.pageBytes)
            (table + (range.lowerBound - first)).update(repeating: new, count: range.count)
            tables[page] = table
            pagesWithTable.append(page)
            return
        }
        var index = range.lowerBound - first
        let end = range.upperBound - first
        while index < end {
            let old = table[index]
            var next = index + 1
            while next < end, table[next] == old { next += 1 }
            let new = change(old, first + index..<first + next)
            if new != old { (table + index).update(repeating: new, count: next - index) }
            index = next
        }
    }
}
