import SelatMoney
import SelatParticipant

/// The customers that the bench gives its PSPs. All fictional, and numbered.
enum BenchCustomers {
    /// `5000000000` and up: ten digits, as accounts of either country have.
    static func account(_ number: Int) -> String { String(5_000_000_000 + number) }

    static func name(_ number: Int) -> String { "Fictional Customer \(number)" }

    /// Customers 0 up to `count`, each with enough for the whole run.
    static func customers(_ count: Int, of currency: Currency) -> [Participant.Customer] {
        (0..<count).map { number in
            Participant.Customer(
                account: account(number),
                name: name(number),
                displayName: "Fict***** Cust***** \(number)",
                street: "Invented Road",
                postCode: "99999",
                town: "Nowhere",
                opening: Money(minorUnits: 1_000_000_000_00, currency: currency),
                overdraft: .zero(currency)
            )
        }
    }
}
