internal import SelatMoney
internal import SelatTime
internal import SelatXML

// One reader for each simple type of the schemas; facets as in Specs/ISO20022/Types.spec.
extension MessageDecoder {
    /// Text of 1...`maximum` characters (scalars), white space kept.
    @inline(never)
    mutating func text(_ maximum: Int) throws(MessageFault) -> String {
        let start = scanner.position
        let bytes = try content()
        guard !bytes.isEmpty, bytes.count <= maximum || scalars(bytes) <= maximum else {
            throw .value(
                at: start,
                .ff01,
                expected: "1 to \(maximum) characters",
                found: "\(scalars(bytes))"
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// UUIDv4Identifier: lower case only.
    @inline(never)
    mutating func uuid() throws(MessageFault) -> UUIDv4 {
        let start = scanner.position
        let text = try content()
        guard let uuid = UUIDv4(ascii: text.span) else {
            throw malformed(start, "a version 4 UUID in lower case")
        }
        return uuid
    }

    /// BICFIDec2014Identifier, AnyBICDec2014Identifier.
    @inline(never)
    mutating func bic() throws(MessageFault) -> BICFI {
        let start = scanner.position
        let text = try content()
        guard let bic = BICFI(ascii: text.span) else {
            throw malformed(start, "a BIC of 8 or 11 characters")
        }
        return bic
    }

    /// LEIIdentifier.
    @inline(never)
    mutating func lei() throws(MessageFault) -> LEI {
        let start = scanner.position
        guard let lei = LEI(ascii: try content()) else {
            throw malformed(start, "an LEI of 20 characters")
        }
        return lei
    }

    /// ActiveOrHistoricCurrencyCode.
    @inline(never)
    mutating func currency() throws(MessageFault) -> Currency {
        let start = scanner.position
        guard let currency = Currency(ascii: try content()) else {
            throw malformed(start, "three capital letters")
        }
        return currency
    }

    /// CountryCode: `[A-Z]{2}`.
    @inline(never)
    mutating func country() throws(MessageFault) -> String {
        let start = scanner.position
        let bytes = try content()
        guard bytes.count == 2, bytes.allSatisfy(isCapital) else {
            throw malformed(start, "two capital letters")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// IBAN2007Identifier: `[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}`.
    @inline(never)
    mutating func iban() throws(MessageFault) -> String {
        let start = scanner.position
        let bytes = try content()
        let head = bytes.prefix(4)
        guard (5...34).contains(bytes.count), head.prefix(2).allSatisfy(isCapital),
            head.dropFirst(2).allSatisfy(isDigit),
            bytes.dropFirst(4).allSatisfy({ isDigit($0) || isCapital($0) || isCapital($0 & 0xDF) })
        else { throw malformed(start, "an IBAN of at most 34 characters") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// ActiveCurrencyAndAmount: not negative, `total` digits, `fraction` of them behind the point.
    @inline(never)
    mutating func amount(_ total: Int, _ fraction: Int) throws(MessageFault) -> CurrencyAndAmount {
        let start = scanner.position
        let currency = scanner.attribute.flatMap { Currency(ascii: $0) }
        let bytes = try content(takesCurrency: true)
        guard let currency else {
            throw malformed(start, "the attribute Ccy, three capital letters")
        }
        guard let amount = decimal(bytes, total, fraction), amount.mantissa >= 0 else {
            throw malformed(start, "a decimal of \(total) digits, \(fraction) behind the point")
        }
        return CurrencyAndAmount(amount: amount, currency: currency)
    }

    /// BaseOneRate.
    @inline(never)
    mutating func number(_ total: Int, _ fraction: Int) throws(MessageFault) -> Decimal {
        let start = scanner.position
        guard let number = decimal(try content(), total, fraction) else {
            throw malformed(start, "a decimal of \(total) digits, \(fraction) behind the point")
        }
        return number
    }

    /// ISODateTime. The network takes UTC only, and midnight as `00:00:00`.
    @inline(never)
    mutating func instant() throws(MessageFault) -> Instant {
        let start = scanner.position
        guard let reading = DateTimeReading(trimmed(try content())) else {
            throw malformed(start, "a date and time")
        }
        if let problem = reading.problem {
            deferFault(.value(at: start, .ff01, expected: problem.expected, found: problem.found))
        }
        return reading.instant
    }

    /// ISODate. The network takes dates without a zone.
    @inline(never)
    mutating func date() throws(MessageFault) -> CalendarDate {
        let start = scanner.position
        guard let (date, rest) = DateTimeReading.date(trimmed(try content())),
            let zone = DateTimeReading.Zone(rest)
        else { throw malformed(start, "a date") }
        if zone != .none {
            deferFault(.value(at: start, .ff01, expected: "a date without a zone", found: "a zone"))
        }
        return date
    }

    /// xs:boolean.
    @inline(never)
    mutating func boolean() throws(MessageFault) -> Bool {
        let start = scanner.position
        let bytes = trimmed(try content())
        if bytes.elementsEqual("true".utf8) || bytes.elementsEqual("1".utf8) { return true }
        if bytes.elementsEqual("false".utf8) || bytes.elementsEqual("0".utf8) { return false }
        throw malformed(start, "true, false, 1 or 0")
    }

    /// A closed list of the schema.
    @inline(__always)
    mutating func closed<Value: RawRepresentable<String> & CaseIterable>(
        _: Value.Type
    ) throws(MessageFault) -> Value {
        let start = scanner.position
        guard let value = Value(rawValue: String(decoding: try content(), as: UTF8.self)) else {
            throw malformed(start, oneOf(Value.self))
        }
        return value
    }

    /// A list open in the schema (only the length is), closed on this network.
    @inline(__always)
    mutating func listed<Value: RawRepresentable<String> & CaseIterable>(
        _: Value.Type,
        _ maximum: Int
    ) throws(MessageFault) -> Value? {
        let start = scanner.position
        let code = try text(maximum)
        guard let value = Value(rawValue: code) else {
            deferFault(
                .value(at: start, .ff01, expected: oneOf(Value.self), found: "another code")
            )
            return nil
        }
        return value
    }

    /// A value of the schema's list of which the network takes one only.
    @inline(never)
    mutating func constant(
        _ value: StaticString,
        of values: @autoclosure () -> [String]
    ) throws(MessageFault) {
        let start = scanner.position
        let bytes = try content()
        let isExpected = value.withUTF8Buffer { unsafe bytes.elementsEqual($0) }
        guard !isExpected else { return }
        let found = String(decoding: bytes, as: UTF8.self)
        guard values().contains(found) else {
            throw malformed(start, values().joined(separator: ", "))
        }
        deferFault(.value(at: start, .ff01, expected: "\(value)", found: found))
    }

    /// Max15NumericText, of which the network takes one number only; leading zeros are legal.
    @inline(never)
    mutating func constant(number: String) throws(MessageFault) {
        let start = scanner.position
        let bytes = try content()
        guard (1...15).contains(bytes.count), bytes.allSatisfy(isDigit) else {
            throw malformed(start, "1 to 15 digits")
        }
        guard !bytes.drop(while: { $0 == 0x30 }).elementsEqual(number.utf8) else { return }
        deferFault(.value(at: start, .ff01, expected: number, found: "another number"))
    }

    /// An alternative the schema has and the network does not: proprietary for a code.
    @inline(never)
    mutating func refuse(_ maximum: Int) throws(MessageFault) {
        let start = scanner.position
        _ = try text(maximum)
        deferFault(
            .value(at: start, .ch21, expected: "a code in Cd", found: "a proprietary value")
        )
    }
}

// Functions, not methods: a method called with `try content()` as its argument would first copy
// the decoder.

private func malformed(_ start: Int, _ expected: String) -> MessageFault {
    .value(at: start, .ff01, expected: expected, found: "something else")
}

private func oneOf<Value: RawRepresentable<String> & CaseIterable>(_: Value.Type) -> String {
    Value.allCases.map(\.rawValue).joined(separator: ", ")
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

private func isCapital(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }

/// Characters as XSD counts them: scalars, not bytes and not grapheme clusters.
private func scalars(_ bytes: ArraySlice<UInt8>) -> Int {
    var count = 0
    for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
    return count
}

/// White space around numbers and times means nothing (whiteSpace: collapse).
private func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let first = bytes.first, let last = bytes.last, first <= 0x20 || last <= 0x20 else {
        return bytes
    }
    guard let start = bytes.firstIndex(where: { $0 > 0x20 }),
        let end = bytes.lastIndex(where: { $0 > 0x20 })
    else { return [] }
    return bytes[start...end]
}

private func decimal(_ bytes: ArraySlice<UInt8>, _ total: Int, _ fraction: Int) -> Decimal? {
    guard let decimal = Decimal(ascii: trimmed(bytes)), decimal.scale <= fraction else {
        return nil
    }
    var limit: UInt64 = 1
    for _ in 0..<total { limit *= 10 }
    return decimal.mantissa.magnitude < limit ? decimal : nil
}
