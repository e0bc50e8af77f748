import SelatISO20022
import SelatMoney
import SelatScheme
import SelatTime
import Testing

/// Records are read back as they were written, whatever stands before and behind a field.
@Suite struct RecordCodingTests {
    private let branch = BICFI("DBSSSGSGXXX")
    private let text = "a text of more than a word, é"

    /// `capacity` is what is set aside at first: too little has no effect but time.
    private func record(capacity: Int) throws -> [UInt8] {
        let branch = try #require(branch)
        return RecordWriter.record(layout: 3, capacity: capacity) { writer in
            writer.write(branch)
            writer.write(BICFI?.some(branch.institution))
            writer.write(BICFI?.none)
            writer.write(text)
            writer.write(String?.none)
            writer.write(Int64.min)
            writer.write(Int64?.some(-1))
            writer.write(Int64?.none)
            writer.write(word: 0x0123_4567_89AB_CDEF)
            writer.write(Money(minorUnits: 498_00, currency: .sgd))
            writer.write(Currency?.some(.thb))
            writer.write(Currency?.none)
            writer.write(Instant?.some(Instant(nanoseconds: 5)))
            writer.write(true)
        }
    }

    private func check(_ bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, layout: 3)
        #expect(try reader.bicfi() == branch)
        #expect(try reader.optionalBICFI() == branch?.institution)
        #expect(try reader.optionalBICFI() == nil)
        #expect(try reader.text() == text)
        #expect(try reader.optionalText() == nil)
        #expect(try reader.integer() == .min)
        #expect(try reader.optionalInteger() == -1)
        #expect(try reader.optionalInteger() == nil)
        #expect(try reader.word() == 0x0123_4567_89AB_CDEF)
        #expect(try reader.money() == Money(minorUnits: 498_00, currency: .sgd))
        #expect(try reader.optionalCurrency() == .thb)
        #expect(try reader.optionalCurrency() == nil)
        #expect(try reader.optionalInstant() == Instant(nanoseconds: 5))
        #expect(try reader.flag())
    }

    @Test(arguments: [1, 2, 7, 64, 300])
    func everyFieldIsReadBack(_ capacity: Int) throws {
        let bytes = try record(capacity: capacity)
        #expect(try bytes == record(capacity: 1024))
        try check(bytes)
    }

    @Test func whatIsPassedOverTakesNothingFromTheNext() throws {
        var reader = try RecordReader(try record(capacity: 64), layout: 3)
        try reader.skipText()
        try reader.skipOptionalText()
        try reader.skipOptionalText()
        #expect(try reader.text() == text)
    }

    /// A record that ends too early, anywhere, is damaged; nothing is read behind its end.
    @Test func everyCutIsFound() throws {
        let bytes = try record(capacity: 64)
        for length in 1..<bytes.count {
            #expect(throws: RecordError.self) { try read(Array(bytes[..<length])) }
        }
        #expect(throws: RecordError.layout(expected: 3, got: nil)) { try read([]) }
        #expect(throws: RecordError.layout(expected: 3, got: 4)) { try read([4]) }
    }

    private func read(_ bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, layout: 3)
        _ = try reader.bicfi()
        _ = try reader.optionalBICFI()
        _ = try reader.optionalBICFI()
        _ = try reader.text()
        _ = try reader.optionalText()
        _ = try reader.integer()
        _ = try reader.optionalInteger()
        _ = try reader.optionalInteger()
        _ = try reader.word()
        _ = try reader.money()
        _ = try reader.optionalCurrency()
        _ = try reader.optionalCurrency()
        _ = try reader.optionalInstant()
        _ = try reader.flag()
    }

    @Test func codesThatAreNoneAreDamaged() throws {
        let record = RecordWriter.record(layout: 3) { writer in
            writer.write("DBSSSGs")
            writer.write("SGd")
        }
        var reader = try RecordReader(record, layout: 3)
        #expect(throws: RecordError.self) { try reader.bicfi() }
        #expect(throws: RecordError.self) { try reader.currency() }
    }

    /// A digest is over words: eight bytes each, then the rest in one, then the length.
    @Test func aTextIsDigestedWordByWord() {
        for length in 0...40 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: 0xF3 &* ($0 + 1)) }
            var expected = DigestWriter()
            for start in stride(from: 0, through: length - 8, by: 8) {
                expected.feed(bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
            }
            expected.feed(bytes.suffix(length % 8).reduce(0) { $0 << 8 | UInt64($1) })
            expected.feed(UInt64(length))
            var writer = DigestWriter()
            writer.feed(bytes)
            #expect(writer.digest == expected.digest, "\(length) bytes")
        }
    }
}
