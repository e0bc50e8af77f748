public import SelatISO20022
public import SelatMoney
public import SelatTime

extension RecordWriter {
    public mutating func write(_ value: Currency) {
        text(of: 3) { text in
            text.append(UInt8(truncatingIfNeeded: value.packed >> 16))
            text.append(UInt8(truncatingIfNeeded: value.packed >> 8))
            text.append(UInt8(truncatingIfNeeded: value.packed))
        }
    }

    /// The 8 or 11 characters.
    public mutating func write(_ value: BICFI) {
        text(of: value.words.branch == 0 ? 8 : 11) { value.append(to: &$0) }
    }

    /// Presence, then the value.
    public mutating func write(_ value: BICFI?) {
        guard let value else { return write(false) }
        write(true)
        write(value)
    }

    /// Presence, then the value.
    public mutating func write(_ value: Currency?) {
        guard let value else { return write(false) }
        write(true)
        write(value)
    }

    public mutating func write(_ value: Money) {
        write(value.minorUnits)
        write(value.currency)
    }

    public mutating func write(_ value: Decimal) {
        write(value.mantissa)
        write(value.scale)
    }

    public mutating func write(_ value: Instant) { write(value.nanoseconds) }

    /// Presence, then the value.
    public mutating func write(_ value: Instant?) {
        guard let value else { return write(false) }
        write(true)
        write(value)
    }

    public mutating func write(_ value: UUIDv4) {
        write(word: value.high)
        write(word: value.low)
    }

    public mutating func write(_ value: PartyID) { write(value.name) }
}

extension RecordReader {
    public mutating func currency() throws(RecordError) -> Currency {
        try parsed { Currency(ascii: $0) }
    }

    public mutating func optionalCurrency() throws(RecordError) -> Currency? {
        try flag() ? try currency() : nil
    }

    /// A stored BICFI.
    public mutating func bicfi() throws(RecordError) -> BICFI { try parsed { BICFI(ascii: $0) } }

    public mutating func optionalBICFI() throws(RecordError) -> BICFI? {
        try flag() ? try bicfi() : nil
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

    public mutating func rate() throws(RecordError) -> ExchangeRate {
        guard let rate = ExchangeRate(try decimal()) else { throw .damaged(at: 0) }
        return rate
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
