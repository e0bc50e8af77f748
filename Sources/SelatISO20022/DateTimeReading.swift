internal import SelatTime

/// An xs:dateTime as it was spelled: the instant it names, and what the network has against it.
struct DateTimeReading {
    let instant: Instant
    /// `nil` where the spelling is one the network takes.
    let problem: (expected: String, found: String)?

    /// What may follow a date or a time.
    enum Zone: Equatable {
        case none
        /// Minutes east of UTC, -840...840.
        case offset(Int)

        /// Reads nothing, `Z`, or `+hh:mm`; anything else is `nil`.
        init?(_ bytes: ArraySlice<UInt8>) {
            if bytes.isEmpty {
                self = .none
                return
            }
            if bytes.elementsEqual([0x5A]) {
                self = .offset(0)
                return
            }
            let start = bytes.startIndex
            guard bytes.count == 6, bytes[start] == 0x2B || bytes[start] == 0x2D,
                bytes[start + 3] == 0x3A, let hours = DateTimeReading.digits(bytes, 1, 2),
                let minutes = DateTimeReading.digits(bytes, 4, 2), minutes < 60,
                hours * 60 + minutes <= 840
            else { return nil }
            let offset = hours * 60 + minutes
            self = .offset(bytes[start] == 0x2D ? -offset : offset)
        }
    }

    /// Reads `yyyy-mm-ddThh:mm:ss[.f...][zone]`; `nil` where the schema would refuse it, or where
    /// the year has more than four digits. Fractions beyond the nanosecond are cut.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let (date, time) = DateTimeReading.date(bytes), time.count >= 9,
            time[time.startIndex] == 0x54, time[time.startIndex + 3] == 0x3A,
            time[time.startIndex + 6] == 0x3A,
            let hour = DateTimeReading.digits(time, 1, 2),
            let minute = DateTimeReading.digits(time, 4, 2),
            let second = DateTimeReading.digits(time, 7, 2),
            let (nanoseconds, rest) = DateTimeReading.fraction(time.dropFirst(9)),
            minute < 60, second < 60,
            hour < 24 || hour == 24 && minute == 0 && second == 0 && nanoseconds == 0,
            let zone = Zone(rest)
        else { return nil }
        var seconds = ((date.daysSince1970 * 24 + hour) * 60 + minute) * 60 + second
        if case .offset(let offset) = zone { seconds -= offset * 60 }
        guard (1678...2261).contains(date.year) else {
            instant = .distantPast
            problem = ("a year from 1678 to 2261", "another")
            return
        }
        instant = Instant(nanoseconds: Int64(seconds) * 1_000_000_000 + Int64(nanoseconds))
        switch zone {
        case .none: problem = ("a time in UTC, ending in Z", "no zone")
        case .offset(0): problem = hour == 24 ? ("hours from 00 to 23", "24") : nil
        case .offset: problem = ("a time in UTC, ending in Z", "another zone")
        }
    }

    /// The date these bytes start with, and what follows it; `nil` when they do not.
    static func date(
        _ bytes: ArraySlice<UInt8>
    ) -> (date: CalendarDate, rest: ArraySlice<UInt8>)? {
        let start = bytes.startIndex
        guard bytes.count >= 10, bytes[start + 4] == 0x2D, bytes[start + 7] == 0x2D,
            let year = digits(bytes, 0, 4), let month = digits(bytes, 5, 2),
            let day = digits(bytes, 8, 2),
            let date = CalendarDate(year: year, month: month, day: day)
        else { return nil }
        return (date, bytes[(start + 10)...])
    }

    /// The number that `count` digits make, or `nil` when they are not all digits.
    static func digits(_ bytes: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> Int? {
        var number = 0
        for index in (bytes.startIndex + offset)..<(bytes.startIndex + offset + count) {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    private static func fraction(
        _ bytes: ArraySlice<UInt8>
    ) -> (nanoseconds: Int, rest: ArraySlice<UInt8>)? {
        guard bytes.first == 0x2E else { return (0, bytes) }
        var nanoseconds = 0
        var unit = 100_000_000
        var index = bytes.startIndex + 1
        while index < bytes.endIndex, bytes[index] &- 0x30 < 10 {
            nanoseconds += Int(bytes[index] - 0x30) * unit
            unit /= 10
            index += 1
        }
        guard index > bytes.startIndex + 1 else { return nil }
        return (nanoseconds, bytes[index...])
    }
}
