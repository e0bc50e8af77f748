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

    init(_ customer: Participant.Customer) {
        name = customer.name
        displayName = customer.displayName
        street = customer.street
        buildingNumber = customer.buildingNumber
        postCode = customer.postCode
        town = customer.town
        status = customer.status
    }

    init(_ row: RecordRow) {
        do {
            var reader = try RecordReader(row.content, layout: CustomerRecord.layout)
            name = try reader.text()
            displayName = try reader.text()
            street = try reader.optionalText()
            buildingNumber = try reader.optionalText()
            postCode = try reader.optionalText()
            town = try reader.text()
            guard let status = Participant.AccountStatus(rawValue: try reader.text()) else {
                throw RecordError.damaged(at: 0)
            }
            self.status = status
        } catch {
            preconditionFailure("\(error)")
        }
    }

    var bytes: [UInt8] {
        var writer = RecordWriter(layout: CustomerRecord.layout, capacity: 96)
        writer.write(name)
        writer.write(displayName)
        writer.write(street)
        writer.write(buildingNumber)
        writer.write(postCode)
        writer.write(town)
        writer.write(status.rawValue)
        return writer.bytes
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
                agent: try reader.optionalText().flatMap { BICFI($0) },
                town: try reader.optionalText(),
                country: try reader.optionalText()
            )
        } catch {
            preconditionFailure("\(error)")
        }
    }

    var bytes: [UInt8] {
        var writer = RecordWriter(layout: ResolutionRecord.layout, capacity: 128)
        writer.write(answer != nil)
        guard let answer else { return writer.bytes }
        writer.write(answer.verification)
        writer.write(answer.reason)
        writer.write(answer.name)
        writer.write(answer.displayName)
        writer.write(answer.account)
        writer.write(answer.agent?.code)
        writer.write(answer.town)
        writer.write(answer.country)
        return writer.bytes
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
        var writer = RecordWriter(layout: OpeningMarker.layout, capacity: 24)
        writer.write(word: tokenKey.high)
        writer.write(word: tokenKey.low)
        return writer.bytes
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
