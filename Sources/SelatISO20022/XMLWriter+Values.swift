internal import SelatMoney
internal import SelatTime
internal import SelatXML

// One canonical spelling for each simple type of the schemas.
extension XMLWriter {
    /// UTC with 3 decimals of a second, or 6, or 9 where the value needs them.
    @inline(never)
    mutating func instant(_ instant: Instant) {
        value(atMost: 30) { text in
            instant.append(to: &text)
            appendFraction(of: instant, to: &text)
        }
    }

    mutating func date(_ date: CalendarDate) { value(atMost: 10) { date.append(to: &$0) } }

    @inline(never)
    mutating func uuid(_ uuid: UUIDv4) { value(atMost: 36) { uuid.append(to: &$0) } }

    @inline(never)
    mutating func bic(_ bic: BICFI) { value(atMost: 11) { bic.append(to: &$0) } }

    mutating func lei(_ lei: LEI) { value(atMost: 20) { lei.append(to: &$0) } }

    /// Without trailing zeros.
    mutating func number(_ decimal: Decimal) {
        number(mantissa: decimal.mantissa, scale: decimal.scale)
    }

    @inline(never)
    private mutating func number(mantissa: Int64, scale: Int) {
        value(atMost: Decimal.maximumLength(scale: scale)) {
            Decimal.append(mantissa: mantissa, scale: scale, to: &$0)
        }
    }

    mutating func boolean(_ value: Bool) { markup(value ? "true" : "false") }

    @inline(never)
    mutating func currency(_ currency: Currency) { value(atMost: 3) { currency.append(to: &$0) } }

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
        number(mantissa: mantissa, scale: scale)
    }
}

/// Microseconds or nanoseconds behind the three decimals and before the `Z`, if there are any.
private func appendFraction(of instant: Instant, to text: inout OutputSpan<UInt8>) {
    var rest = instant.nanoseconds % 1_000_000
    if rest < 0 { rest += 1_000_000 }
    guard rest != 0 else { return }
    text.removeLast(1)
    let divisor: Int64 = rest % 1000 == 0 ? 1000 : 1
    rest /= divisor
    let width = divisor == 1000 ? 3 : 6
    text.append(repeating: 0x30, count: width)
    for index in (text.count - width..<text.count).reversed() {
        text[index] = 0x30 + UInt8(rest % 10)
        rest /= 10
    }
    text.append(0x5A)
}
