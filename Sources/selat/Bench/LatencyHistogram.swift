/// Counts of latencies in buckets whose width grows with the value: nothing is rounded by more
/// than 1/128, whatever its size. Whole microseconds; integers only.
struct LatencyHistogram: Hashable, Sendable {
    /// Values below 2 to the power of this have a bucket each.
    private static let exactBits = 8

    private var counts: [Int] = []
    private(set) var count = 0
    /// In microseconds; exact.
    private(set) var greatest = 0

    /// Adds one.
    ///
    /// - Parameter microseconds: Negative counts as zero.
    mutating func record(_ microseconds: Int) {
        let value = max(microseconds, 0)
        let bucket = LatencyHistogram.bucket(of: value)
        if bucket >= counts.count {
            counts.append(contentsOf: repeatElement(0, count: bucket + 1 - counts.count))
        }
        counts[bucket] += 1
        count += 1
        greatest = max(greatest, value)
    }

    /// All counts of another are added.
    static func += (sum: inout LatencyHistogram, other: LatencyHistogram) {
        let missing = other.counts.count - sum.counts.count
        if missing > 0 { sum.counts.append(contentsOf: repeatElement(0, count: missing)) }
        for (bucket, number) in other.counts.enumerated() { sum.counts[bucket] += number }
        sum.count += other.count
        sum.greatest = max(sum.greatest, other.greatest)
    }

    /// The least value that at least `perTenThousand` of 10,000 do not exceed, rounded up to the
    /// end of its bucket; zero when there is none.
    ///
    /// - Parameter perTenThousand: 5,000 for the median, 9,990 for p99.9.
    /// - Returns: Microseconds.
    func quantile(_ perTenThousand: Int) -> Int {
        guard count > 0 else { return 0 }
        let rank = max((count * perTenThousand + 9_999) / 10_000, 1)
        var seen = 0
        for (bucket, number) in counts.enumerated() {
            seen += number
            if seen >= rank { return min(LatencyHistogram.end(of: bucket), greatest) }
        }
        return greatest
    }

    /// Each power of two is cut into 2 to the power of `exactBits - 1` buckets.
    private static func bucket(of value: Int) -> Int {
        let bits = Int.bitWidth - value.leadingZeroBitCount
        guard bits > exactBits else { return value }
        let shift = bits - exactBits
        return (shift << (exactBits - 1)) + (value >> shift)
    }

    /// The greatest value of a bucket.
    private static func end(of bucket: Int) -> Int {
        guard bucket >= 1 << exactBits else { return bucket }
        let shift = (bucket >> (exactBits - 1)) - 1
        let top = bucket - (shift << (exactBits - 1))
        return ((top + 1) << shift) - 1
    }
}
