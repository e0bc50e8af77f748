package import SelatTime

extension Instant {
    /// Reads what `description` writes: `2026-11-23T04:12:05.517Z`, and nothing else.
    package init?(_ text: String) {
        let digits = text.utf8.filter { (0x30...0x39).contains($0) }.map { Int64($0 - 0x30) }
        guard text.utf8.count == 24, digits.count == 17 else { return nil }
        func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
        let days = Instant.days(number(0..<4), number(4..<6), number(6..<8))
        let seconds = number(8..<10) * 3600 + number(10..<12) * 60 + number(12..<14)
        let whole = days * 86_400 + seconds
        self.init(nanoseconds: whole * 1_000_000_000 + number(14..<17) * 1_000_000)
        guard description == text else { return nil }
    }

    /// Days since 1970 of a date in the Gregorian calendar. Source: Hinnant, "chrono-compatible
    /// low-level date algorithms".
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    /// `04:12:05.517`, for lists whose day is known.
    package var timeOfDay: String { String(description.dropFirst(11).dropLast()) }
}
