internal import SelatTime

/// An xs:dateTime as it was spelled: the instant it names, and what the network has against it.
struct DateTimeReading {
    let instant: Instant
    /// `nil` where the spelling is one the network takes.
    let problem: Problem?

    enum Problem {
        case year
        case noZone
        case otherZone
        case hour24

        var expected: String {
            switch self {
            case .year: "a year from 1678 to 2261"
            case .noZone, .otherZone: "a time in UTC, ending in Z"
            case .hour24: "hours from 00 to 23"
            }
        }

        var found: String {
            switch self {
            case .year: "another"
            case .noZone: "no zone"
            case .otherZone: "another zone"
            case .hour24: "24"
            }
        }
    }

    /// What may follow a date or a time.
    enum Zone: Equatable {
        case none
        /// Minutes east of UTC, -840...840.
        case offset(Int)

        /// Reads nothing, `Z`, or `+hh:mm` from `start` to the end; anything else is `nil`.
        init?(_ bytes: Span<UInt8>, from start: Int) {
            switch bytes.count - start {
            case 0: self = .none
            case 1 where bytes[start] == 0x5A: self = .offset(0)
            case 6:
                guard bytes[start] == 0x2B || bytes[start] == 0x2D, bytes[start + 3] == 0x3A,
                    let hours = DateTimeReading.digits(bytes, start + 1, 2),
                    let minutes = DateTimeReading.digits(bytes, start + 4, 2), minutes < 60,
                    hours * 60 + minutes <= 840
                else { return nil }
                let offset = hours * 60 + minutes
                self = .offset(bytes[start] == 0x2D ? -offset : offset)
            default: return nil
            }
        }
    }

    /// Reads `yyyy-mm-ddThh:mm:ss[.f...][zone]`; `nil` where the schema would refuse it, or where
    /// the year has more than four digits. Fractions beyond the nanosecond are cut.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 19, let date = DateTimeReading.date(bytes), bytes[10] == 0x54,
            bytes[13] == 0x3A, bytes[16] == 0x3A,
            let hour = DateTimeReading.digits(bytes, 11, 2),
            let minute = DateTimeReading.digits(bytes, 14, 2),
            let second = DateTimeReading.digits(bytes, 17, 2),
            let (nanoseconds, end) = DateTimeReading.fraction(bytes, from: 19),
            minute < 60, second < 60,
            hour < 24 || hour == 24 && minute == 0 && second == 0 && nanoseconds == 0,
            let zone = Zone(bytes, from: end)
        else { return nil }
        var seconds = ((date.daysSince1970 * 24 + hour) * 60 + minute) * 60 + second
        if case .offset(let offset) = zone { seconds -= offset * 60 }
        guard (1678...2261).contains(date.year) else {
            instant = .distantPast
            problem = .year
            return
        }
        instant = Instant(nanoseconds: Int64(seconds) * 1_000_000_000 + Int64(nanoseconds))
        switch zone {
        case .none: problem = .noZone
        case .offset(0): problem = hour == 24 ? .hour24 : nil
        case .offset: problem = .otherZone
        }
    }

    /// The date these bytes start with; `nil` when they do not.
    static func date(_ bytes: Span<UInt8>) -> CalendarDate? {
        guard bytes.count >= 10, bytes[4] == 0x2D, bytes[7] == 0x2D,
            let year = digits(bytes, 0, 4), let month = digits(bytes, 5, 2),
            let day = digits(bytes, 8, 2)
        else { return nil }
        return CalendarDate(year: year, month: month, day: day)
    }

    /// The number that `count` digits make, or `nil` when they are not all digits.
    @inline(__always)
    private static func digits(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
        var number = 0
        for index in start..<(start + count) {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    /// The fraction of a second that stands at `start`, if one does, and where it ends.
    private static func fraction(
        _ bytes: Span<UInt8>,
        from start: Int
    ) -> (nanoseconds: Int, end: Int)? {
        guard start < bytes.count, bytes[start] == 0x2E else { return (0, start) }
        var nanoseconds = 0
        var unit = 100_000_000
        var index = start + 1
        while index < bytes.count, bytes[index] &- 0x30 < 10 {
            nanoseconds += Int(bytes[index] - 0x30) * unit
            unit /= 10
            index += 1
        }
        guard index > start + 1 else { return nil }
        return (nanoseconds, index)
    }
}
