/// A field of a generated struct.
struct Property {
    let name: String
    /// Without `?` or brackets.
    let type: String
    let isRepeated: Bool
    let isOptional: Bool
    /// From the message or component down to the element.
    let path: String
    let isoType: String

    var declaredType: String { isRepeated ? "[\(type)]" : type + (isOptional ? "?" : "") }
}

extension Specification {
    /// The Swift type of an element's value.
    func swiftType(_ name: String) -> String {
        guard let type = types[name] else { return name }
        switch type.reading {
        case .text, .digits, .iban, .country, .code, .values: return "String"
        case .uuid: return "UUIDv4"
        case .bic: return "BICFI"
        case .lei: return "LEI"
        case .currency: return "Currency"
        case .amount: return "CurrencyAndAmount"
        case .number: return "Decimal"
        case .instant: return "Instant"
        case .date: return "CalendarDate"
        case .boolean: return "Bool"
        case .closed: return type.facets[0]
        case .listed: return type.facets[1]
        }
    }

    /// The fields of a definition, wrappers flattened away, in schema order.
    func properties(_ elements: [Element], path: String = "", optional: Bool = false) -> [Property]
    {
        var properties: [Property] = []
        for element in elements {
            guard let network = element.network else { continue }
            let isOptional = optional || !network.isRequired
            let path = path.isEmpty ? element.tag : path + "/" + element.tag
            switch element.content {
            case .type(let type):
                guard let name = element.property else { continue }
                properties.append(
                    Property(
                        name: name,
                        type: swiftType(type),
                        isRepeated: network.isRepeated,
                        isOptional: isOptional,
                        path: path,
                        isoType: type
                    )
                )
            case .group(let children), .choice(let children):
                properties += self.properties(children, path: path, optional: isOptional)
            }
        }
        return properties
    }

    /// Whether reading can end without a value though the schema is kept: a required field hangs
    /// on something only the network demands.
    func canBeIncomplete(_ elements: [Element]) -> Bool {
        elements.contains { element in
            guard let network = element.network else { return false }
            guard network.isRequired else { return false }
            if !element.schema.isRequired, !network.isRepeated { return true }
            switch element.content {
            case .type(let name):
                if let type = types[name] { return type.reading == .listed }
                return definition(name).map { canBeIncomplete($0.elements) } ?? false
            case .choice(let children):
                if children.contains(where: { $0.network == nil }) { return true }
                return canBeIncomplete(children)
            case .group(let children): return canBeIncomplete(children)
            }
        }
    }

    /// Imports that the declarations of these fields need.
    func imports(_ types: [String], access: String) -> [String] {
        let money: Set<String> = ["Currency", "Decimal"]
        let time: Set<String> = ["UUIDv4", "Instant", "CalendarDate"]
        var imports: [String] = []
        if types.contains(where: money.contains) { imports.append("\(access) import SelatMoney") }
        if types.contains(where: time.contains) { imports.append("\(access) import SelatTime") }
        return imports
    }
}

/// The bytes of a tag of at most 18 characters as `XMLTag` holds them: eight a word, the first in
/// the lowest place.
func wordsOfName(_ tag: String) -> [UInt64] {
    var words: [UInt64] = [0, 0, 0]
    for (index, byte) in tag.utf8.enumerated() {
        words[index / 8] |= UInt64(byte) << UInt64(8 * (index % 8))
    }
    return words
}

/// `0x0123_4567_89AB_CDEF`.
func hexadecimal(_ word: UInt64) -> String {
    guard word > 0 else { return "0" }
    var digits = String(word, radix: 16, uppercase: true)
    digits = String(repeating: "0", count: 16 - digits.count) + digits
    let groups = stride(from: 0, to: 16, by: 4).map { start in
        let lower = digits.index(digits.startIndex, offsetBy: start)
        return String(digits[lower..<digits.index(lower, offsetBy: 4)])
    }
    return "0x" + groups.joined(separator: "_")
}
