internal import SelatMoney
internal import SelatTime
internal import SelatXML

// One reader for each simple type of the schemas; facets as in Specs/ISO20022/Types.spec.
extension MessageDecoder {
    /// Text of 1...`maximum` characters (scalars), white space kept.
    @inline(never)
    mutating func text(_ tag: XMLTag, _ maximum: Int) throws(MessageFault) -> String {
        let text = try boundedContent(tag, maximum)
        return scanner.string(text)
    }

    @inline(__always)
    private mutating func boundedContent(
        _ tag: XMLTag,
        _ maximum: Int
    ) throws(MessageFault) -> XMLText {
        let start = scanner.position
        let text = try content(tag)
        let (bytes, scalars) = scanner.read(text) { bytes in
            (bytes.count, bytes.count <= maximum ? bytes.count : characters(bytes))
        }
        guard bytes > 0, scalars <= maximum else {
            throw .value(
                at: start,
                .ff01,
                expected: "1 to \(maximum) characters",
                found: "\(scalars)"
            )
        }
        return text
    }

    /// As `text(_:_:)`, deep in the element ahead, if there it is ASCII spelled as usual.
    @inline(__always)
    mutating func text(_ tag: XMLTag, _ maximum: Int, in nest: XMLNest) -> String? {
        let isASCII = scanner.isASCII
        return nested(tag, nest) { bytes in
            guard isASCII, 1...maximum ~= bytes.count else { return nil }
            return XMLScanner.string(bytes, isASCII: true)
        }
    }

    /// UUIDv4Identifier: lower case only.
    @inline(never)
    mutating func uuid(_ tag: XMLTag) throws(MessageFault) -> UUIDv4 {
        try value(tag, "a version 4 UUID in lower case") { UUIDv4(ascii: $0) }
    }

    /// BICFIDec2014Identifier, AnyBICDec2014Identifier.
    @inline(never)
    mutating func bic(_ tag: XMLTag) throws(MessageFault) -> BICFI {
        try value(tag, "a BIC of 8 or 11 characters") { BICFI(ascii: $0) }
    }

    /// As `bic(_:)`, deep in the element ahead, if there it is spelled as usual.
    @inline(__always)
    mutating func bic(_ tag: XMLTag, in nest: XMLNest) -> BICFI? {
        nested(tag, nest) { BICFI(ascii: $0) }
    }

    /// LEIIdentifier.
    @inline(never)
    mutating func lei(_ tag: XMLTag) throws(MessageFault) -> LEI {
        try value(tag, "an LEI of 20 characters") { LEI(ascii: $0) }
    }

    /// ActiveOrHistoricCurrencyCode.
    @inline(never)
    mutating func currency(_ tag: XMLTag) throws(MessageFault) -> Currency {
        try value(tag, "three capital letters") { Currency(ascii: $0) }
    }

    /// CountryCode: `[A-Z]{2}`.
    @inline(never)
    mutating func country(_ tag: XMLTag) throws(MessageFault) -> String {
        let start = scanner.position
        let text = try content(tag)
        let isCountry = scanner.read(text) { bytes in
            bytes.count == 2 && isCapital(bytes[0]) && isCapital(bytes[1])
        }
        guard isCountry else { throw malformed(start, "two capital letters") }
        return scanner.string(text)
    }

    /// IBAN2007Identifier: `[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}`.
    @inline(never)
    mutating func iban(_ tag: XMLTag) throws(MessageFault) -> String {
        let start = scanner.position
        let text = try content(tag)
        guard scanner.read(text, isIBAN) else {
            throw malformed(start, "an IBAN of at most 34 characters")
        }
        return scanner.string(text)
    }

    /// As `iban(_:)`, deep in the element ahead, if there it is spelled as usual.
    @inline(__always)
    mutating func iban(_ tag: XMLTag, in nest: XMLNest) -> String? {
        nested(tag, nest) { isIBAN($0) ? XMLScanner.string($0, isASCII: true) : nil }
    }

    /// ActiveCurrencyAndAmount: not negative, `total` digits, `fraction` of them behind the point.
    @inline(never)
    mutating func amount(
        _ tag: XMLTag,
        _ total: Int,
        _ fraction: Int
    ) throws(MessageFault) -> CurrencyAndAmount {
        let start = scanner.position
        let (attribute, text) = try contentAndCurrency(tag)
        guard let attribute,
            let currency = scanner.read(attribute, { Currency(ascii: $0) })
        else {
            throw malformed(start, "the attribute Ccy, three capital letters")
        }
        guard let amount = scanner.read(text, { decimal($0, total, fraction) }),
            amount.mantissa >= 0
        else {
            throw malformed(start, "a decimal of \(total) digits, \(fraction) behind the point")
        }
        return CurrencyAndAmount(amount: amount, currency: currency)
    }

    /// BaseOneRate.
    @inline(never)
    mutating func number(
        _ tag: XMLTag,
        _ total: Int,
        _ fraction: Int
    ) throws(MessageFault) -> Decimal {
        try value(tag, "a decimal of \(total) digits, \(fraction) behind the point") {
            decimal($0, total, fraction)
        }
    }

    /// ISODateTime. The network takes UTC only, and midnight as `00:00:00`.
    @inline(never)
    mutating func instant(_ tag: XMLTag) throws(MessageFault) -> Instant {
        let start = scanner.position
        let reading = try value(tag, "a date and time") {
            DateTimeReading($0.extracting(trimmed($0)))
        }
        if let problem = reading.problem {
            deferFault(.value(at: start, .ff01, expected: problem.expected, found: problem.found))
        }
        return reading.instant
    }

    /// ISODate. The network takes dates without a zone.
    @inline(never)
    mutating func date(_ tag: XMLTag) throws(MessageFault) -> CalendarDate {
        let start = scanner.position
        let (date, zone) = try value(tag, "a date") {
            text -> (CalendarDate, DateTimeReading.Zone)? in
            let bytes = text.extracting(trimmed(text))
            guard let date = DateTimeReading.date(bytes),
                let zone = DateTimeReading.Zone(bytes, from: 10)
            else { return nil }
            return (date, zone)
        }
        if zone != .none {
            deferFault(.value(at: start, .ff01, expected: "a date without a zone", found: "a zone"))
        }
        return date
    }

    /// xs:boolean.
    @inline(never)
    mutating func boolean(_ tag: XMLTag) throws(MessageFault) -> Bool {
        try value(tag, "true, false, 1 or 0") { text -> Bool? in
            let bytes = text.extracting(trimmed(text))
            if isSame(bytes, "true") || isSame(bytes, "1") { return true }
            return isSame(bytes, "false") || isSame(bytes, "0") ? false : nil
        }
    }

    /// A closed list of the schema.
    @inline(__always)
    mutating func closed<Value: EnumeratedCode>(
        _ tag: XMLTag,
        _: Value.Type
    ) throws(MessageFault) -> Value {
        let start = scanner.position
        let text = try content(tag)
        guard let value = scanner.read(text, { Value(ascii: $0) }) else {
            throw malformed(start, oneOf(Value.self))
        }
        return value
    }

    /// A list open in the schema (only the length is), closed on this network.
    @inline(__always)
    mutating func listed<Value: EnumeratedCode>(
        _ tag: XMLTag,
        _: Value.Type,
        _ maximum: Int
    ) throws(MessageFault) -> Value? {
        let start = scanner.position
        let text = try boundedContent(tag, maximum)
        guard let value = scanner.read(text, { Value(ascii: $0) }) else {
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
        _ tag: XMLTag,
        _ value: StaticString,
        of values: @autoclosure () -> [String]
    ) throws(MessageFault) {
        let start = scanner.position
        let text = try content(tag)
        guard !scanner.read(text, { isSame($0, value) }) else { return }
        let found = scanner.string(text)
        guard values().contains(found) else {
            throw malformed(start, values().joined(separator: ", "))
        }
        deferFault(.value(at: start, .ff01, expected: "\(value)", found: found))
    }

    /// Max15NumericText, of which the network takes one number only; leading zeros are legal.
    @inline(never)
    mutating func constant(_ tag: XMLTag, number: StaticString) throws(MessageFault) {
        let start = scanner.position
        let isExpected = try value(tag, "1 to 15 digits") { bytes -> Bool? in
            guard (1...15).contains(bytes.count), bytes.indices.allSatisfy({ isDigit(bytes[$0]) })
            else { return nil }
            let zeros = bytes.indices.first { bytes[$0] != 0x30 } ?? bytes.count
            return isSame(bytes.extracting(zeros...), number)
        }
        guard !isExpected else { return }
        deferFault(.value(at: start, .ff01, expected: "\(number)", found: "another number"))
    }

    /// An alternative the schema has and the network does not: proprietary for a code.
    @inline(never)
    mutating func refuse(_ tag: XMLTag, _ maximum: Int) throws(MessageFault) {
        let start = scanner.position
        _ = try text(tag, maximum)
        deferFault(
            .value(at: start, .ch21, expected: "a code in Cd", found: "a proprietary value")
        )
    }
}

private func malformed(_ start: Int, _ expected: String) -> MessageFault {
    .value(at: start, .ff01, expected: expected, found: "something else")
}

private func oneOf<Value: EnumeratedCode>(_: Value.Type) -> String {
    Value.allCases.map(\.rawValue).joined(separator: ", ")
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

private func isCapital(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }

private func isIBAN(_ bytes: Span<UInt8>) -> Bool {
    guard (5...34).contains(bytes.count), isCapital(bytes[0]), isCapital(bytes[1]),
        isDigit(bytes[2]), isDigit(bytes[3])
    else { return false }
    for index in 4..<bytes.count {
        let byte = bytes[index]
        guard isDigit(byte) || isCapital(byte & 0xDF) else { return false }
    }
    return true
}

/// Characters as XSD counts them: scalars, not bytes and not grapheme clusters.
private func characters(_ bytes: Span<UInt8>) -> Int {
    var count = 0
    for index in bytes.indices where bytes[index] & 0xC0 != 0x80 { count += 1 }
    return count
}

private func isSame(_ bytes: Span<UInt8>, _ value: StaticString) -> Bool {
    value.withUTF8Buffer { buffer in
        let value = unsafe Span(_unsafeElements: buffer)
        guard bytes.count == value.count else { return false }
        for index in bytes.indices where bytes[index] != value[index] { return false }
        return true
    }
}

/// White space around numbers and times means nothing (whiteSpace: collapse).
private func trimmed(_ bytes: Span<UInt8>) -> Range<Int> {
    var (start, end) = (0, bytes.count)
    while start < end, bytes[start] <= 0x20 { start += 1 }
    while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
    return start..<end
}

private func decimal(_ bytes: Span<UInt8>, _ total: Int, _ fraction: Int) -> Decimal? {
    guard let decimal = Decimal(ascii: bytes.extracting(trimmed(bytes))),
        decimal.scale <= fraction
    else { return nil }
    // More than 18 digits a decimal never has.
    guard total < 18 else { return decimal }
    var limit: UInt64 = 1
    for _ in 0..<total { limit *= 10 }
    return decimal.mantissa.magnitude < limit ? decimal : nil
}
