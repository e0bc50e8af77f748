/// An open load dealt out evenly: payment by payment over the corridors, in each corridor over the
/// debtor agents, and for each of those over the creditor agents. Payment `n`, from 0, of all is
/// some lane's own, whoever counts, so lanes on different event loops need not agree on anything.
package struct LoadPlan: Hashable, Sendable {
    /// From one country to another.
    package struct Corridor: Hashable, Sendable, CustomStringConvertible {
        /// ISO 3166-1 alpha-2.
        package let source: String
        /// ISO 3166-1 alpha-2, another one.
        package let destination: String

        /// - Parameters:
        ///   - source: The debtor agents' country.
        ///   - destination: The creditor agents' country.
        package init(source: String, destination: String) {
            self.source = source
            self.destination = destination
        }

        /// `SG-TH`.
        package var description: String { "\(source)-\(destination)" }

        /// Every ordered pair of countries.
        package static func all(among countries: [String]) -> [Corridor] {
            countries.flatMap { source in
                countries.filter { $0 != source }
                    .map { Corridor(source: source, destination: $0) }
            }
        }
    }

    /// The payments of one debtor agent in one corridor: each `step`th, beginning with `first`.
    package struct Lane: Hashable, Sendable {
        package let corridor: Corridor
        /// The debtor agent's place among those of its country, from 0.
        package let debtorAgent: Int
        /// How many creditor agents there are.
        package let creditorAgents: Int
        package let first: Int
        package let step: Int

        /// How many of the first `payments` of all are this lane's.
        package func share(of payments: Int) -> Int {
            payments > first ? (payments - first - 1) / step + 1 : 0
        }

        /// Which of all payments the lane's own payment `own`, from 0, is.
        package func number(of own: Int) -> Int { first + own * step }

        /// The place of its creditor agent among those of the destination. In turn, each lane
        /// beginning with another, so that everybody pays everybody.
        package func creditorAgent(of own: Int) -> Int { (debtorAgent + own) % creditorAgents }
    }

    /// By `first`.
    package let lanes: [Lane]

    /// - Parameters:
    ///   - corridors: At least one; each gets as many payments as any other.
    ///   - institutions: How many there are in each country of the corridors, at least one.
    package init(corridors: [Corridor], institutions: [String: Int]) {
        lanes = corridors.enumerated()
            .flatMap { index, corridor in
                let debtorAgents = institutions[corridor.source] ?? 0
                let creditorAgents = institutions[corridor.destination] ?? 0
                precondition(
                    debtorAgents > 0 && creditorAgents > 0,
                    "\(corridor) is planned with an institution at each end"
                )
                return (0..<debtorAgents).map { debtorAgent in
                    Lane(
                        corridor: corridor,
                        debtorAgent: debtorAgent,
                        creditorAgents: creditorAgents,
                        first: debtorAgent * corridors.count + index,
                        step: debtorAgents * corridors.count
                    )
                }
            }
            .sorted { $0.first < $1.first }
    }
}
