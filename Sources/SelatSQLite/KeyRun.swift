/// A stretch of pages of keys, by hash: those of one generation, or of several that were merged.
///
/// Each page has an equal part of all hashes, so that where one belongs is told by its bits alone.
struct KeyRun {
    /// Ascending: a run with a higher number was begun later.
    let number: Int64
    let era: Int64
    /// The ids of its pages.
    let pages: Range<Int64>
    /// How many were written: those deleted since count as well.
    let keys: Int64
    /// The first of the runs before it whose keys it takes over; its own number: there are none.
    let merges: Int64
    /// Not while its pages are being written: then the keys are found where they were.
    var isWhole: Bool

    func page(of hash: Int64) -> Int64 {
        // The pages are in the order of the hashes, which are signed.
        page(at: UInt64(bitPattern: hash) ^ 1 << 63)
    }

    private func page(at place: UInt64) -> Int64 {
        pages.lowerBound + Int64(place.multipliedFullWidth(by: UInt64(pages.count)).high)
    }

    /// Where the first of the hashes belongs that belong to a page of another run.
    func page(beginning page: Int64, of other: KeyRun) -> Int64 {
        guard page < other.pages.upperBound else { return pages.upperBound }
        let before = UInt64(page - other.pages.lowerBound)
        let part = UInt64(other.pages.count).dividingFullWidth((high: before, low: 0))
        return self.page(at: part.quotient)
    }

    /// Whether it has, or is to have, the other's keys.
    func takesOver(_ other: KeyRun) -> Bool {
        other.era == era && (merges..<number).contains(other.number)
    }
}
