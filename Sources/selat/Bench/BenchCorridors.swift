import ArgumentParser
import SelatRuntime

/// What `--corridors` says: all of them, or one.
enum BenchCorridors: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    case all
    case one(LoadPlan.Corridor)

    /// `all`, or two countries of two capital letters: `SG-TH`.
    init?(argument: String) {
        if argument == "all" {
            self = .all
            return
        }
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] != parts[1],
            parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { ("A"..."Z").contains($0) } })
        else { return nil }
        self = .one(LoadPlan.Corridor(source: String(parts[0]), destination: String(parts[1])))
    }

    var description: String {
        switch self {
        case .all: "all"
        case .one(let corridor): corridor.description
        }
    }

    /// The corridors of a run, by the countries of its topology.
    func corridors(in topology: Topology) -> [LoadPlan.Corridor] {
        switch self {
        case .all: LoadPlan.Corridor.all(among: topology.countries)
        case .one(let corridor): [corridor]
        }
    }
}

extension Topology {
    /// The countries that it has, in the order in which they start.
    fileprivate var countries: [String] {
        nodes.compactMap { node in
            switch node.kind {
            case .country(let entry): entry.system.country
            case .hub, .provider, .participant: nil
            }
        }
    }
}
