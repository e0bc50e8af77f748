import SelatTime
import Testing

@Suite struct TimeTests {
    @Test func instantsPrintInUTCWithMilliseconds() {
        #expect(
            Instant(nanoseconds: 1_795_407_125_517_999_999).description
                == "2026-11-23T04:12:05.517Z"
        )
        #expect(Instant(nanoseconds: 0).description == "1970-01-01T00:00:00.000Z")
    }

    @Test func everyDayOfFourCenturiesRoundTrips() {
        for days in stride(from: -146_097, through: 146_097, by: 1) {
            #expect(CalendarDate(daysSince1970: days).daysSince1970 == days)
        }
    }

    @Test func daysThatDoNotExistAreRefused() {
        #expect(CalendarDate(year: 2026, month: 2, day: 30) == nil)
        #expect(CalendarDate(year: 2028, month: 2, day: 29) != nil)
        #expect(CalendarDate(year: 2100, month: 2, day: 29) == nil)
    }

    @Test func additionSaturates() {
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: 5) - .nanoseconds(2) == Instant(nanoseconds: 3))
    }

    /// Printed once by this very generator; every machine must repeat it.
    static let recorded: [UInt64] = [
        12_050_102_188_376_449_077, 13_454_484_167_460_936_715, 15_865_878_439_021_571_698,
    ]

    @Test func aSeedAlwaysGivesTheSameNumbers() {
        var generator = SeededGenerator(seed: 42, stream: "clients")
        #expect((0..<3).map { _ in generator.next() } == Self.recorded)
    }

    @Test func identifiersRoundTripAndAreVersion4() throws {
        var generator = SeededGenerator(seed: 7, stream: "uuid")
        for _ in 0..<1000 {
            let id = UUIDv4(generator.nextSeed())
            #expect(try #require(UUIDv4(id.description)) == id)
        }
        #expect(UUIDv4("21508c8f-9cc3-1e33-8722-0ebb2abd15cf") == nil)
        #expect(UUIDv4("21508C8F-9cc3-4e33-8722-0ebb2abd15cf") == nil)
        #expect(UUIDv4("21508c8f-9cc3-4e33-7722-0ebb2abd15cf") == nil)
    }

    /// Every byte at every place of an identifier: digits in lower case where digits stand, hyphens
    /// where hyphens stand, the version and the variant, and nothing else.
    @Test func anIdentifierIsReadStrictlyAtEveryPlace() {
        let valid = Array("21508c8f-9cc3-4e33-8722-0ebb2abd15cf".utf8)
        for place in valid.indices {
            let allowed: String =
                switch place {
                case 8, 13, 18, 23: "-"
                case 14: "4"
                case 19: "89ab"
                default: "0123456789abcdef"
                }
            for byte in UInt8.min...UInt8.max {
                var text = valid
                text[place] = byte
                let read = UUIDv4(ascii: text.span)
                guard allowed.utf8.contains(byte) else {
                    #expect(read == nil, "byte \(byte) at \(place)")
                    continue
                }
                #expect(read?.description == String(decoding: text, as: UTF8.self))
            }
        }
        let whole = String(decoding: valid, as: UTF8.self)
        #expect(UUIDv4(String(whole.dropLast())) == nil)
        #expect(UUIDv4(whole + "0") == nil)
    }
}
