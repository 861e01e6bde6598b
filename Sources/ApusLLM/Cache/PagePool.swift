/// The pages of the key-value cache: who holds them, and what the full ones contain.
///
/// A full page is known by the tokens in it and all before it, so a sequence that begins like an
/// earlier one takes over its pages instead of computing them. What nobody holds stays until its
/// page is needed for something else, the longest unused first.
package struct PagePool: Sendable {
    /// What a full page contains: its own tokens after those of another known page.
    private struct Content: Hashable, Sendable {
        /// The name of the content before; nil for the first page of a sequence.
        var before: Int?
        var tokens: [Int32]
    }

    private struct Page: Sendable {
        var holders = 0
        /// The name of what it contains, once it is full and computed.
        var name: Int?
        /// When it was last let go.
        var released = 0
    }

    private var pages: [Page]
    private var free: [Int32]
    private var names: [Content: Int] = [:]
    private var contents: [Int: Content] = [:]
    private var pageOfName: [Int: Int32] = [:]
    private var nextName = 0
    private var clock = 0
    /// Pages that nobody holds but whose contents are known.
    private var kept: Set<Int32> = []

    package init(count: Int) {
        pages = Array(repeating: Page(), count: count)
        free = (0..<Int32(count)).reversed()
    }

    /// Pages that can be had.
    package var available: Int { free.count + kept.count }

    /// A page for new contents; nil if all are held.
    package mutating func take() -> Int32? {
        if let page = free.popLast() {
            pages[Int(page)] = Page(holders: 1)
            return page
        }
        guard let oldest = kept.min(by: { pages[Int($0)].released < pages[Int($1)].released })
        else { return nil }
        kept.remove(oldest)
        forgetContents(of: oldest)
        pages[Int(oldest)] = Page(holders: 1)
        return oldest
    }

    /// Lets go of a page.
    package mutating func release(_ page: Int32) {
        let index = Int(page)
        precondition(pages[index].holders > 0, "a page is let go by a holder")
        pages[index].holders -= 1
        guard pages[index].holders == 0 else { return }
        clock += 1
        pages[index].released = clock
        if pages[index].name == nil { free.append(page) } else { kept.insert(page) }
    }

    /// The known pages that hold the beginning of `tokens`, each now held once more.
    ///
    /// - Parameter limit: pages at most.
    package mutating func takeKnown(_ tokens: [Int], atMost limit: Int) -> [Int32] {
        var found: [Int32] = []
        var before: Int?
        while found.count < limit {
            let content = Content(before: before, tokens: Self.page(found.count, of: tokens))
            guard let name = names[content], let page = pageOfName[name] else { break }
            pages[Int(page)].holders += 1
            kept.remove(page)
            found.append(page)
            before = name
        }
        return found
    }

    /// Makes the contents of a full page known, if its predecessors' are.
    ///
    /// - Parameters:
    ///   - held: the sequence's pages.
    ///   - index: which of them is full now.
    package mutating func know(_ held: [Int32], _ index: Int, tokens: [Int]) {
        let before = index > 0 ? pages[Int(held[index - 1])].name : nil
        let page = held[index]
        if pages[Int(page)].name != nil || index > 0 && before == nil { return }
        let content = Content(before: before, tokens: Self.page(index, of: tokens))
        // Another sequence may have computed the same: its page stays the known one.
        if names[content] != nil { return }
        names[content] = nextName
        contents[nextName] = content
        pageOfName[nextName] = page
        pages[Int(page)].name = nextName
        nextName += 1
    }

    private mutating func forgetContents(of page: Int32) {
        guard let name = pages[Int(page)].name, let content = contents[name] else { return }
        names[content] = nil
        contents[name] = nil
        pageOfName[name] = nil
    }

    private static func page(_ index: Int, of tokens: [Int]) -> [Int32] {
        let first = index * CacheRegion.pageTokens
        return tokens[first..<first + CacheRegion.pageTokens].map { Int32($0) }
    }
}
