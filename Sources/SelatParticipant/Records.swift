import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// A customer as stored; the key is the account number.
struct CustomerRecord: Equatable {
    private static let layout: UInt8 = 1

    var name: String
    var displayName: String
    var street: String?
    var buildingNumber: String?
    var postCode: String?
    var town: String
    var status: Participant.AccountStatus

    static func stored(_ row: RecordRow) -> CustomerRecord {
        do throws(RecordError) {
            return try reading(row.content)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Whether the account can be used, and nothing else of the customer.
    static func status(_ row: RecordRow) -> Participant.AccountStatus {
        do throws(RecordError) {
            var reader = try RecordReader(row.content, layout: layout)
            try reader.skipText()
            try reader.skipText()
            try reader.skipOptionalText()
            try reader.skipOptionalText()
            try reader.skipOptionalText()
            try reader.skipText()
            return try status(&reader)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func reading(_ bytes: [UInt8]) throws(RecordError) -> CustomerRecord {
        var reader = try RecordReader(bytes, layout: layout)
        return CustomerRecord(
            name: try reader.text(),
            displayName: try reader.text(),
            street: try reader.optionalText(),
            buildingNumber: try reader.optionalText(),
            postCode: try reader.optionalText(),
            town: try reader.text(),
            status: try status(&reader)
        )
    }

    private static func status(
        _ reader: inout RecordReader
    ) throws(RecordError) -> Participant.AccountStatus {
        guard let status = Participant.AccountStatus(rawValue: try reader.text()) else {
            throw .damaged(at: 0)
        }
        return status
    }

    var bytes: [UInt8] {
        RecordWriter.record(layout: CustomerRecord.layout) { writer in
            writer.write(name)
            writer.write(displayName)
            writer.write(street)
            writer.write(buildingNumber)
            writer.write(postCode)
            writer.write(town)
            writer.write(status.rawValue)
        }
    }

    /// The structured address, in `country`.
    func address(country: String) -> PostalAddress {
        PostalAddress(
            streetName: street,
            buildingNumber: buildingNumber,
            postCode: postCode,
            townName: town.isEmpty ? nil : town,
            country: country
        )
    }
}

extension CustomerRecord {
    init(_ customer: Participant.Customer) {
        name = customer.name
        displayName = customer.displayName
        street = customer.street
        buildingNumber = customer.buildingNumber
        postCode = customer.postCode
        town = customer.town
        status = customer.status
    }
}

/// A resolution this institution asked for, by the MsgId of its acmt.023.
struct ResolutionRecord: Equatable {
    private static let layout: UInt8 = 1

    /// What the acmt.024 said.
    struct Answer: Equatable {
        var verification: Bool
        var reason: String?
        /// The real name, for screening.
        var name: String?
        var displayName: String?
        var account: String?
        var agent: BICFI?
        var town: String?
        var country: String?
    }

    /// `nil` until it came.
    var answer: Answer?

    init() {}

    init(_ row: RecordRow) {
        do {
            var reader = try RecordReader(row.content, layout: ResolutionRecord.layout)
            guard try reader.flag() else { return }
            answer = Answer(
                verification: try reader.flag(),
                reason: try reader.optionalText(),
                name: try reader.optionalText(),
                displayName: try reader.optionalText(),
                account: try reader.optionalText(),
                agent: try reader.optionalBICFI(),
                town: try reader.optionalText(),
                country: try reader.optionalText()
            )
        } catch {
            preconditionFailure("\(error)")
        }
    }

    var bytes: [UInt8] {
        RecordWriter.record(layout: ResolutionRecord.layout) { writer in
            writer.write(answer != nil)
            guard let answer else { return }
            writer.write(answer.verification)
            writer.write(answer.reason)
            writer.write(answer.name)
            writer.write(answer.displayName)
            writer.write(answer.account)
            writer.write(answer.agent)
            writer.write(answer.town)
            writer.write(answer.country)
        }
    }
}

/// That the books are open, and the key that hides customers behind their sender tokens.
struct OpeningMarker: Equatable {
    static let key = "open"
    private static let layout: UInt8 = 1

    let tokenKey: Seed

    init(tokenKey: Seed) { self.tokenKey = tokenKey }

    init(_ row: RecordRow) {
        do {
            var reader = try RecordReader(row.content, layout: OpeningMarker.layout)
            let high = try reader.word()
            tokenKey = Seed(high: high, low: try reader.word())
        } catch {
            preconditionFailure("\(error)")
        }
    }

    var bytes: [UInt8] {
        RecordWriter.record(layout: OpeningMarker.layout) { writer in
            writer.write(word: tokenKey.high)
            writer.write(word: tokenKey.low)
        }
    }

    /// The same for one customer for ever, and useless to whoever has not the key. Rulebook:
    /// Abuse controls (a stable sender id, preferably a keyed hash).
    func token(for account: String) -> String {
        var writer = DigestWriter()
        writer.feed(tokenKey.high)
        writer.feed(account)
        writer.feed(tokenKey.low)
        let digest = writer.digest
        return [digest.high, digest.low].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}
