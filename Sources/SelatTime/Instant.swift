/// A moment in UTC, in nanoseconds since 1970-01-01T00:00:00Z.
///
/// Range: years 1678 to 2262. The core never reads a clock: an instant comes with its event.
public struct Instant: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static let distantPast = Instant(nanoseconds: 0)
    public static let distantFuture = Instant(nanoseconds: .max)

    @inlinable
    public static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    /// Saturates at the ends of the range.
    @inlinable
    public static func + (lhs: Instant, rhs: Duration) -> Instant {
        lhs.moved(nanoseconds: rhs.nanoseconds)
    }

    /// Saturates at the ends of the range.
    @inlinable
    public static func - (lhs: Instant, rhs: Duration) -> Instant {
        lhs.moved(nanoseconds: 0 - max(rhs.nanoseconds, -.max))
    }

    /// Later by so much, or earlier. Saturates at the ends of the range.
    @inlinable
    public func moved(nanoseconds change: Int64) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(change)
        guard overflow else { return Instant(nanoseconds: sum) }
        return change < 0 ? .distantPast : .distantFuture
    }

    @inlinable
    public static func - (lhs: Instant, rhs: Instant) -> Duration {
        .nanoseconds(lhs.nanoseconds - rhs.nanoseconds)
    }

    /// Cut to whole milliseconds, the wire's precision.
    public var wholeMilliseconds: Instant {
        Instant(nanoseconds: nanoseconds - nanoseconds % 1_000_000)
    }

    /// `2026-11-23T04:12:05.517Z`, always with three decimals.
    public var description: String { String(atMost: 24) { append(to: &$0) } }

    /// Appends the 24 characters of `description`.
    public func append(to text: inout OutputSpan<UInt8>) {
        let day = nanoseconds.flooredQuotient(86_400_000_000_000)
        let milliseconds = (nanoseconds - day * 86_400_000_000_000) / 1_000_000
        let (yearAndMonth, monthDay) = CalendarDate(daysSince1970: Int(day)).digits
        text.append(ascii: yearAndMonth)
        let hours = UInt64(digits: milliseconds / 3_600_000) << 24
        let minutes = UInt64(digits: milliseconds / 60_000 % 60)
        text.append(ascii: monthDay << 48 | hours | minutes | 0x5400_003A_0000)
        let seconds = UInt64(digits: milliseconds / 1000 % 60) << 40
        let fraction = UInt64(digits: milliseconds % 1000 / 10) << 16
        let last = UInt64(truncatingIfNeeded: milliseconds % 10) << 8
        text.append(ascii: seconds | fraction | last | 0x3A00_002E_0000_305A)
    }

    /// The UTC calendar day this instant falls on.
    public var date: CalendarDate {
        CalendarDate(daysSince1970: Int(nanoseconds.flooredQuotient(86_400_000_000_000)))
    }
}

extension Duration {
    /// Whole nanoseconds, saturating beyond +-292 years.
    @inlinable
    public var nanoseconds: Int64 {
        // Nearly every duration here is shorter than the 78 minutes that one word holds so:
        // 1_000_000_000 is 512 times 1_953_125.
        if attoseconds >= 0, let short = Int64(exactly: attoseconds >> 9) {
            return short / 1_953_125
        }
        return Int64(clamping: attoseconds / 1_000_000_000)
    }
}

extension Int64 {
    @inline(__always)
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
