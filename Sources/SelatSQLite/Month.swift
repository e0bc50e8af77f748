package import SelatTime

/// A calendar month in UTC: what leaves a database together.
package struct Month: Hashable, Sendable, CustomStringConvertible {
    private let first: CalendarDate

    /// The month an instant falls in.
    package init(of instant: Instant) {
        let date = instant.date
        guard let first = CalendarDate(year: date.year, month: date.month, day: 1) else {
            preconditionFailure("every month of an instant has a first day")
        }
        self.first = first
    }

    /// Reads `2026-10`, and nothing else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 7, parts.count == 2, let year = Int(parts[0]),
            let month = Int(parts[1]), let first = CalendarDate(year: year, month: month, day: 1)
        else { return nil }
        self.first = first
        guard description == text else { return nil }
    }

    /// Its first moment.
    package var start: Instant { Month.midnight(first.daysSince1970) }

    /// The first moment behind it.
    package var end: Instant {
        // No month has more than 31 days, and none fewer than 28.
        let next = CalendarDate(daysSince1970: first.daysSince1970 + 31)
        return Month.midnight(first.daysSince1970 + 32 - next.day)
    }

    private static func midnight(_ day: Int) -> Instant {
        Instant(nanoseconds: Int64(day) * 86_400_000_000_000)
    }

    /// `2026-10`.
    package var description: String { String(first.description.prefix(7)) }
}
