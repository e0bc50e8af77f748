import Foundation
import SelatISO20022
import SelatNode
import SelatRuntime
import SelatScheme
import Testing

/// A region for a load, written from the bench's own files.
struct LoadedRegionTests {
    private static let models = TopologyTests.folder + "topologies/bench.yaml"

    /// Writes a region and looks at it before it is gone.
    private func written<Value>(
        _ region: LoadedRegion,
        look: (LoadedRegion.Written, String) throws -> Value
    ) throws -> Value {
        let directory = NSTemporaryDirectory() + "selat-loaded-\(UUID())"
        try FileManager.default.createDirectory(
            atPath: directory + "/nodes",
            withIntermediateDirectories: true
        )
        defer { TestRegion.remove(directory) }
        let models = try Topology.read(file: Self.models)
        return try look(try region.write(from: models, to: directory), directory)
    }

    private func party(_ code: String) -> PartyID { PartyID(checked: code) }

    @Test func withoutWishesItIsTheModelRegion() throws {
        let models = try Topology.read(file: Self.models)
        try written(LoadedRegion(countries: ["SG", "TH", "MY"], institutions: nil)) { region, _ in
            #expect(region.idle.isEmpty)
            #expect(region.topology.name == models.name)
            // The order of starting is kept but for the institutions, which come country by country.
            #expect(region.topology.nodes.map(\.node) == models.nodes.map(\.node))
            for (node, model) in zip(region.topology.nodes, models.nodes) {
                #expect(node.kind == model.kind)
                #expect(node.times == model.times)
                #expect(node.limits == model.limits)
            }
        }
    }

    @Test func otherCountriesAreLeftOut() throws {
        try written(LoadedRegion(countries: ["SG", "TH"], institutions: 2)) { region, _ in
            #expect(
                region.topology.nodes.map(\.node) == [
                    "hub", "ips-sg", "ips-th", "fx-merlion", "fx-andaman", "psp-merlion",
                    "psp-lotus",
                ]
            )
            let hub = try #require(region.topology.node("hub"))
            guard case .hub(let entry) = hub.kind else { return #expect(Bool(false)) }
            #expect(entry.countries.map(\.country.code) == ["SG", "TH"])
            #expect(
                entry.providers.allSatisfy { $0.provider.accounts.keys.sorted() == ["SG", "TH"] }
            )
            let provider = try #require(region.topology.node("fx-andaman"))
            guard case .provider(let rates) = provider.kind else { return #expect(Bool(false)) }
            #expect(rates.rates.count == 2)
        }
    }

    /// Each has a node, a seat in its country and a name at the hub, and providers quote for it.
    @Test(arguments: [3, 7, 20, 200]) func institutionsAreSpreadOverTheCountries(
        _ number: Int
    ) throws {
        var plan = LoadedRegion(countries: ["SG", "TH", "MY"], institutions: number)
        plan.idle = 4
        try written(plan) { region, _ in
            let own = region.topology.nodes.filter { $0.kindName == .participant }
            #expect(own.count == number + 4)
            #expect(Set(own.flatMap(\.hosted)).count == number + 4)
            #expect(
                region.idle == [
                    "psp-idle-sg-1", "psp-idle-sg-2", "psp-idle-th-1", "psp-idle-my-1",
                ]
            )
            let loaded = own.filter { !region.idle.contains($0.node) }
            let shares = Dictionary(grouping: loaded) { $0.links.first?.peer.node }
                .values.map(\.count)
            #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
            // The attached seat of the model stays one.
            #expect(region.topology.attached == ["psp-kranji"])
            let hub = try #require(region.topology.node("hub"))
            guard case .hub(let entry) = hub.kind else { return #expect(Bool(false)) }
            for node in own {
                let bicfi = try #require(node.hosted.first).name
                #expect(bicfi.utf8.dropFirst(7).elementsEqual("0".utf8), "\(bicfi) may exist")
                #expect(
                    entry.providers.allSatisfy { provider in
                        provider.provider.approvedInstitutions.keys.contains { $0.code == bicfi }
                    }
                )
                #expect(entry.institutions(called: bicfi) == 1)
            }
        }
    }

    @Test func timesAndLimitsAreEverybodys() throws {
        var plan = LoadedRegion(countries: ["SG", "TH"], institutions: 3)
        plan.times = [("creditorAgentAnswer", "20min"), ("destinationExecution", "30min")]
        plan.paymentsInFlight = 40_000
        try written(plan) { region, _ in
            for node in region.topology.nodes {
                #expect(node.times.creditorAgentAnswer == .seconds(1200))
                #expect(node.times.destinationExecution == .seconds(1800))
                #expect(node.limits.paymentsInFlight == 40_000)
            }
        }
    }

    @Test func countryWithoutAModelIsRefused() throws {
        #expect(
            throws: RuntimeError.file(
                Self.models,
                line: 0,
                got: "it has no node of kind participant in ID",
                remedy: "list one, or load other countries"
            )
        ) {
            try written(LoadedRegion(countries: ["SG", "ID"], institutions: nil)) { _, _ in }
        }
    }

    @Test func directoryOfAnotherRegionIsRefused() throws {
        try written(LoadedRegion(countries: ["SG", "TH"], institutions: 2)) { _, directory in
            let models = try Topology.read(file: Self.models)
            let other = LoadedRegion(countries: ["SG", "TH"], institutions: 4)
            #expect(
                throws: RuntimeError.file(
                    directory + "/region.yaml",
                    line: 0,
                    got: "it lists other nodes than this run's",
                    remedy: "ask for the same countries and institutions, or choose another "
                        + "directory"
                )
            ) {
                try other.write(from: models, to: directory)
            }
            // The same once more is no other.
            _ = try LoadedRegion(countries: ["SG", "TH"], institutions: 2)
                .write(from: models, to: directory)
        }
    }
}

extension HubEntry {
    /// How many institutions of that code the hub knows.
    fileprivate func institutions(called bicfi: String) -> Int {
        countries.reduce(0) { count, country in
            count + country.institutions.count { $0.bicfi.code == bicfi }
        }
    }
}
