/// Which eras may hold a hash: a filter for each, those of the first eras side by side.
struct EraFilters {
    /// The filters of the first eras, eight by eight.
    private var slices: [FilterSlice] = []
    /// Those of the eras behind them.
    private var filters: [KeyFilter] = []

    private var sliced: Int { slices.count * FilterSlice.width }

    /// Eras that have a filter: the first ones.
    var count: Int { sliced + filters.count }

    /// That of the last era.
    var last: KeyFilter? { filters.last }

    /// That of an era that is not side by side with others.
    subscript(era: Int64) -> KeyFilter { filters[Int(era) - sliced - 1] }

    mutating func append(_ filter: KeyFilter) { filters.append(filter) }

    /// Into the last era's.
    mutating func insert(_ hash: Int64) { filters[filters.count - 1].insert(hash) }

    mutating func removeAll() {
        slices.removeAll()
        filters.removeAll(keepingCapacity: true)
    }

    /// Lays full eras side by side, eight at a time.
    mutating func slice() {
        while filters.count > FilterSlice.width,
            let slice = FilterSlice(filters.prefix(FilterSlice.width))
        {
            slices.append(slice)
            filters.removeFirst(FilterSlice.width)
        }
    }

    /// The eras that may hold a hash, the last first: `last`, and those before it. What has no
    /// filter may hold anything.
    func forEachEra(
        of hash: Int64,
        through last: Int64,
        _ body: (Int64) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        for number in stride(from: last, to: Int64(count), by: -1) { try body(number) }
        var end = filters.count
        while end > 0 {
            let start = max(end - UInt64.bitWidth, 0)
            var left: UInt64 = 0
            for place in start..<end {
                left |= filters[place].firstBit(of: hash) << UInt64(place - start)
            }
            while let bit = left.takeHighestBit() {
                if filters[start + bit].mayHold(hash) {
                    try body(Int64(sliced + start + bit + 1))
                }
            }
            end = start
        }
        for slice in slices.indices.reversed() {
            var left = slices[slice].mayHold(hash)
            while let bit = left.takeHighestBit() {
                try body(Int64(slice * FilterSlice.width + bit + 1))
            }
        }
    }
}

extension FixedWidthInteger {
    /// The place of the highest bit that is set, which is cleared; `nil` when there is none.
    fileprivate mutating func takeHighestBit() -> Int? {
        guard self != 0 else { return nil }
        let bit = Self.bitWidth - 1 - leadingZeroBitCount
        self &= ~(1 << Self(bit))
        return bit
    }
}
