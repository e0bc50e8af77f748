internal import SelatMoney
internal import SelatTime
internal import SelatXML

// One canonical spelling for each simple type of the schemas.
extension XMLWriter {
    /// UTC with 3 decimals of a second, or 6, or 9 where the value needs them.
    @inline(never)
    mutating func instant(_ instant: Instant) {
        instant.append(to: &bytes)
        var rest = instant.nanoseconds % 1_000_000
        if rest < 0 { rest += 1_000_000 }
        guard rest != 0 else { return }
        bytes.removeLast()
        let divisor: Int64 = rest % 1000 == 0 ? 1000 : 1
        rest /= divisor
        let width = divisor == 1000 ? 3 : 6
        let start = bytes.count
        for _ in 0..<width {
            bytes.append(0x30 + UInt8(rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
        bytes.append(0x5A)
    }

    mutating func date(_ date: CalendarDate) { date.append(to: &bytes) }

    mutating func uuid(_ uuid: UUIDv4) { uuid.append(to: &bytes) }

    mutating func bic(_ bic: BICFI) { bic.append(to: &bytes) }

    mutating func lei(_ lei: LEI) { lei.append(to: &bytes) }

    /// Without trailing zeros.
    mutating func number(_ decimal: Decimal) {
        Decimal.append(mantissa: decimal.mantissa, scale: decimal.scale, to: &bytes)
    }

    mutating func boolean(_ value: Bool) { markup(value ? "true" : "false") }

    @inline(never)
    mutating func currency(_ currency: Currency) { text(currency.code) }

    /// Between the name of an amount's start tag and the name of its end tag: currency, then the
    /// number with exactly the currency's decimals; more only where the value has more.
    @inline(never)
    mutating func amount(_ amount: CurrencyAndAmount) {
        markup(" Ccy=\"")
        currency(amount.currency)
        markup("\">")
        var mantissa = amount.amount.mantissa
        var scale = amount.amount.scale
        let digits = amount.currency.minorUnitDigits ?? scale
        while scale < digits {
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
            guard !overflow else { break }
            mantissa = product
            scale += 1
        }
        Decimal.append(mantissa: mantissa, scale: scale, to: &bytes)
    }
}
