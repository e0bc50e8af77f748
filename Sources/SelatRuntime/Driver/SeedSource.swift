import Glibc
package import SelatTime

/// Seeds from the system's generator, fetched 256 at a time: one call of the kernel for many
/// events.
package struct SeedSource {
    private var words: [UInt64] = []

    /// Empty; filled at the first use.
    package init() {}

    /// 128 bits that nobody can guess.
    package mutating func next() -> Seed {
        if words.count < 2 { refill() }
        return Seed(high: words.removeLast(), low: words.removeLast())
    }

    private mutating func refill() {
        var fresh = [UInt64](repeating: 0, count: 512)
        // From the kernel's generator, or the process ends: there is no weaker one to fall back on.
        unsafe fresh.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe arc4random_buf(start, buffer.count)
        }
        words = fresh
    }
}
