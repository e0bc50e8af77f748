import SelatISO20022
import SelatMoney
import SelatScheme
import SelatTime

// The scalar values of a configuration file, each with its own sentence when it is wrong.
extension ConfigurationNode {
    /// A value that one initialiser accepts or not.
    private func parse<Value>(
        expected: String,
        remedy: String,
        _ parse: (String) -> Value?
    ) throws(RuntimeError) -> Value {
        let text = try text(expected: expected)
        guard let value = parse(text) else {
            throw mistake(expected: expected, got: "'\(text.prefix(60))'", remedy: remedy)
        }
        return value
    }

    func bicfi() throws(RuntimeError) -> BICFI {
        try parse(
            expected: "a BICFI of 8 or 11 characters",
            remedy: "write a fictional one with 0 as its eighth character, such as MRLNSGS0",
            BICFI.init
        )
    }

    func lei() throws(RuntimeError) -> LEI {
        try parse(
            expected: "an LEI of 20 characters with right check digits",
            remedy: "compute the last two digits by ISO 7064 mod 97-10"
        ) { text in
            LEI(text).flatMap { $0.hasValidCheckDigits ? $0 : nil }
        }
    }

    func party() throws(RuntimeError) -> PartyID {
        try parse(
            expected: "a party of 1 to 35 printable ASCII characters without a space",
            remedy: "choose such a name",
            PartyID.init
        )
    }

    func nodeID() throws(RuntimeError) -> String {
        try parse(
            expected: "a node id of 1 to 63 of a-z, 0-9 and '-'",
            remedy: "write it as it stands in the node's certificate"
        ) { text in
            let isValid =
                (1...63).contains(text.utf8.count) && text.utf8.first != 0x2D
                && text.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                }
            return isValid ? text : nil
        }
    }

    func currency() throws(RuntimeError) -> Currency {
        try parse(
            expected: "the ISO 4217 code of a currency the network knows",
            remedy: "write three capital letters, such as SGD"
        ) { text in
            Currency(text).flatMap { $0.minorUnitDigits == nil ? nil : $0 }
        }
    }

    func countryCode() throws(RuntimeError) -> String {
        try parse(
            expected: "an ISO 3166-1 country code",
            remedy: "write two capital letters, such as SG"
        ) { text in
            text.utf8.count == 2 && text.utf8.allSatisfy { (0x41...0x5A).contains($0) }
                ? text : nil
        }
    }

    /// `SGD 498.00`, not negative.
    func money() throws(RuntimeError) -> Money {
        try parse(
            expected: "an amount with its currency, such as 'SGD 498.00'",
            remedy: "write currency, space, amount, with no more decimals than the currency has"
        ) { text in
            let parts = text.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let currency = Currency(String(parts[0])),
                let decimal = Decimal(String(parts[1])), decimal.mantissa >= 0
            else { return nil }
            do { return try Money(decimal, currency: currency) } catch { return nil }
        }
    }

    /// As `money()`, in one currency only.
    func money(in currency: Currency) throws(RuntimeError) -> Money {
        let money = try money()
        guard money.currency == currency else {
            throw mistake(
                expected: "an amount in \(currency)",
                got: "'\(money)'",
                remedy: "write it in \(currency)"
            )
        }
        return money
    }

    func rate() throws(RuntimeError) -> ExchangeRate {
        try parse(
            expected: "a positive rate of at most 11 digits, such as 25.4137",
            remedy: "write destination units per one source unit",
            ExchangeRate.init(_:)
        )
    }

    func integer(_ range: ClosedRange<Int>) throws(RuntimeError) -> Int {
        try parse(
            expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            remedy: "write it without quotes or decimals"
        ) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func bool() throws(RuntimeError) -> Bool {
        try parse(expected: "true or false", remedy: "write one of them") { text in
            switch text {
            case "true": true
            case "false": false
            default: nil
            }
        }
    }

    /// `250ms`, `3s`, `10min`; positive.
    func duration() throws(RuntimeError) -> Duration {
        try parse(
            expected: "a positive duration such as 250ms, 3s or 10min",
            remedy: "write a whole number and one of ms, s, min"
        ) { text in
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int64(digits), count > 0, count <= 86_400_000 else { return nil }
            switch text.dropFirst(digits.count) {
            case "ms": return .milliseconds(count)
            case "s": return .seconds(count)
            case "min": return .seconds(count * 60)
            default: return nil
            }
        }
    }

    /// Text of 1 to `limit` characters that is printed nowhere, also not when it is wrong.
    func privateText(limit: Int) throws(RuntimeError) -> String {
        let expected = "1 to \(limit) characters"
        let text = try text(expected: expected)
        guard text.count <= limit else {
            throw mistake(
                expected: expected,
                got: "\(text.count) characters",
                remedy: "shorten it"
            )
        }
        return text
    }

    /// One of a closed set of words.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ type: Value.Type
    ) throws(RuntimeError) -> Value where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return try parse(
            expected: "one of \(words)",
            remedy: "write one of them",
            Value.init(rawValue:)
        )
    }
}
