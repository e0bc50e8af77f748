import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode

/// Why a request is not answered with what it asks for: an HTTP status and a sentence.
struct RequestRefusal: Error, Hashable {
    let status: UInt16
    let text: String
    /// Asking again after so many milliseconds may help; `nil` when it never will.
    var retryAfterMilliseconds: Int?

    /// The body is not of the operation's shape.
    static func malformed(_ text: String) -> RequestRefusal { .init(status: 400, text: text) }
    /// Not for this party.
    static func forbidden(_ text: String) -> RequestRefusal { .init(status: 403, text: text) }
    /// Nothing of that name.
    static func unknown(_ text: String) -> RequestRefusal { .init(status: 404, text: text) }
    /// Understood, and against a rule.
    static func unlawful(_ text: String) -> RequestRefusal { .init(status: 422, text: text) }
    /// Too much is under way; in a second it will be less.
    static func busy(_ text: String) -> RequestRefusal {
        .init(status: 503, text: text, retryAfterMilliseconds: 1000)
    }

    /// The answer that says so.
    func reply(to request: RequestID) -> Reply {
        guard let retryAfterMilliseconds else { return .error(request, status, text) }
        let body: JSONValue = [
            "error": .string(text),
            "reason": .string(ReasonCode.ed06.code),
            "retryAfterMilliseconds": .integer(retryAfterMilliseconds),
        ]
        return Reply(request: request, status: status, body: body)
    }
}

/// A request's JSON body; whatever is wrong with it becomes a refusal that names the place.
struct RequestBody {
    private let cursor: JSONCursor

    init(_ body: JSONCursor) { cursor = body }

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
