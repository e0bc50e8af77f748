public import SelatMoney
public import SelatTime

extension RecordWriter {
    public mutating func write(_ value: Currency) { write(value.code) }

    public mutating func write(_ value: Money) {
        write(value.minorUnits)
        write(value.currency)
    }

    public mutating func write(_ value: Decimal) {
        write(value.mantissa)
        write(value.scale)
    }

    public mutating func write(_ value: Instant) { write(value.nanoseconds) }

    public mutating func write(_ value: Instant?) { write(value?.nanoseconds) }

    public mutating func write(_ value: UUIDv4) {
        write(word: value.high)
        write(word: value.low)
    }

    public mutating func write(_ value: PartyID) { write(value.name) }
}

extension RecordReader {
    public mutating func currency() throws(RecordError) -> Currency {
        let code = try textBytes()
        guard let currency = Currency(ascii: code.span) else { throw .damaged(at: 0) }
        return currency
    }

    public mutating func money() throws(RecordError) -> Money {
        let minorUnits = try integer()
        return Money(minorUnits: minorUnits, currency: try currency())
    }

    public mutating func decimal() throws(RecordError) -> Decimal {
        let mantissa = try integer()
        guard let scale = Int(exactly: try integer()), (0...18).contains(scale) else {
            throw .damaged(at: 0)
        }
        return Decimal(mantissa: mantissa, scale: scale)
    }

    public mutating func instant() throws(RecordError) -> Instant {
        Instant(nanoseconds: try integer())
    }

    public mutating func optionalInstant() throws(RecordError) -> Instant? {
        try optionalInteger().map(Instant.init(nanoseconds:))
    }

    public mutating func uuid() throws(RecordError) -> UUIDv4 {
        let high = try word()
        guard let uuid = UUIDv4(high: high, low: try word()) else { throw .damaged(at: 0) }
        return uuid
    }

    public mutating func party() throws(RecordError) -> PartyID { PartyID(checked: try text()) }
}
