import SelatNode
import SelatScheme
import SelatStorage
import SelatTime
import Testing

/// A logged batch, held against bytes that are put together here as Specs/Protocol/Database.md
/// says.
@Suite struct LoggedBatchTests {
    private static let (first, second): ([UInt8], [UInt8]) = (
        Array("<a/>".utf8), Array("<b/>".utf8)
    )
    private static let hosted: [UInt8] = Array("<c/>".utf8)

    private static func text(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count)] + bytes }
    private static func text(_ text: String) -> [UInt8] { Self.text(Array(text.utf8)) }
    private static func word(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
    }

    /// One message received, one sent, and a payment that keeps a hosted instruction; `documents`
    /// are what stands for the three.
    private static func bytes(
        layout: UInt8,
        before: [UInt8],
        _ documents: (received: [UInt8], sent: [UInt8], hosted: [UInt8])
    ) -> [UInt8] {
        let uetr = word(Sample.uetr(1).high) + word(Sample.uetr(1).low)
        func message(_ document: [UInt8]) -> [UInt8] {
            text("bank") + word(7) + word(1) + [1] + text("hub") + text("bank") + [4] + [1] + uetr
                + document
        }
        let payment = text("hub") + uetr + [0] + [2, 3, 0] + text([5]) + [3, 1] + documents.hosted
        let nothing: [UInt8] = [0, 0, 0, 0, 0, 0, 0]
        return [layout, 2, 2, 2, 10] + before + [0] + [1] + message(documents.received) + [1]
            + message(documents.sent) + [1] + payment + nothing
    }

    /// All documents first, each named by its place.
    private static func apart(_ hosted: UInt8 = 1) -> [UInt8] {
        let documents = [3] + text(Self.second) + text(Self.hosted) + text(Self.first)
        return bytes(layout: 2, before: documents, ([2], [0], [hosted]))
    }

    @Test func documentsApartAndInPlaceAreReadAlike() throws {
        let documents = (Self.text(Self.first), Self.text(Self.second), Self.text(Self.hosted))
        let inPlace = try LoggedBatch(Self.bytes(layout: 1, before: [], documents))
        let apart = try LoggedBatch(Self.apart())
        #expect(apart == inPlace)
        #expect(apart.batch.received.map(\.bytes) == [Self.first])
        #expect(apart.batch.sent.map(\.bytes) == [Self.second])
        #expect(apart.instructions == [.hosted(kind: 1, bytes: Self.hosted)])
        #expect(apart.batch.payments.map(\.uetr) == [Sample.uetr(1)])
    }

    @Test func aDocumentThatIsNotThereIsDamage() {
        #expect { try LoggedBatch(Self.apart(3)) } throws: { error in
            if case .damaged = error as? BatchError { true } else { false }
        }
    }

    @Test func anotherLayoutIsNamed() {
        #expect(throws: BatchError.layout(expected: 2, got: 3)) {
            try LoggedBatch([3] + Self.apart().dropFirst())
        }
        #expect(throws: BatchError.layout(expected: 2, got: nil)) { try LoggedBatch([]) }
    }

    @Test func documentsOfOnePaymentStandSideBySide() throws {
        let written = batch { batch in
            batch.received = [1, 2, 3].map { Sample.retained($0, about: Sample.uetr($0)) }
            batch.received.append(Sample.retained(4))
            batch.sent = [6, 5].map { Sample.retained($0, about: Sample.uetr($0 - 4)) }
            batch.sent.append(Sample.retained(7))
            batch.payments = [
                Sample.payment(3, instruction: .hosted(Sample.message(8))),
                Sample.payment(1, from: 1, instruction: .hosted(Sample.message(9))),
            ]
        }
        var writer = BatchWriter()
        LoggedBatch.encode(written, numbers: LoggedBatch.Numbers(), into: &writer)
        let bytes = unsafe writer.withBytes { unsafe Array($0) }
        let places = (1...9).map { number in
            bytes.firstRange(of: Sample.message(UInt64(number)).encoded().bytes)?.lowerBound
        }
        // The last is an update's, whose insertion kept another.
        #expect(places[8] == nil)
        let order = (1...8).sorted { places[$0 - 1] ?? 0 < places[$1 - 1] ?? 0 }
        #expect(order == [1, 5, 2, 6, 3, 8, 4, 7])
        let read = try LoggedBatch(bytes)
        #expect(read.batch.received == written.received)
        #expect(read.batch.sent == written.sent)
        let (kind, hosted) = Sample.message(8).encoded()
        #expect(read.instructions == [.hosted(kind: kind, bytes: hosted), nil])
    }
}
