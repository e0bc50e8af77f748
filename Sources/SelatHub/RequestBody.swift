import SelatJSON
import SelatMoney
import SelatNode

/// Why a request is not answered with what it asks for: an HTTP status and a sentence.
struct RequestRefusal: Error, Hashable {
    let status: UInt16
    let text: String

    /// The body is not of the operation's shape.
    static func malformed(_ text: String) -> RequestRefusal { .init(status: 400, text: text) }
    /// Not for this party.
    static func forbidden(_ text: String) -> RequestRefusal { .init(status: 403, text: text) }
    /// Nothing of that name.
    static func unknown(_ text: String) -> RequestRefusal { .init(status: 404, text: text) }
    /// Understood, and against a rule.
    static func unlawful(_ text: String) -> RequestRefusal { .init(status: 422, text: text) }
}

/// A request's JSON body; whatever is wrong with it becomes a refusal that names the place.
struct RequestBody {
    private let cursor: JSONCursor

    init(_ body: JSONValue) { cursor = body.cursor }

    func allow(_ members: [String]) throws(RequestRefusal) {
        do { try cursor.allow(members) } catch { throw .malformed("\(error)") }
    }

    func text(_ member: String) throws(RequestRefusal) -> String {
        do { return try cursor.string(member) } catch { throw .malformed("\(error)") }
    }

    func optionalText(_ member: String) throws(RequestRefusal) -> String? {
        do { return try cursor.optionalString(member) } catch { throw .malformed("\(error)") }
    }

    /// A positive amount of `currency`, as text.
    func money(_ member: String, _ currency: Currency) throws(RequestRefusal) -> Money {
        let text = try text(member)
        guard let decimal = Decimal(text) else {
            throw .malformed("\(member) is no amount: write digits, point, digits")
        }
        let money: Money
        do throws(MoneyError) {
            money = try Money(decimal, currency: currency)
        } catch {
            throw .unlawful("\(member): \(error)")
        }
        guard money.isPositive else { throw .unlawful("\(member) must be more than nothing") }
        return money
    }
}
