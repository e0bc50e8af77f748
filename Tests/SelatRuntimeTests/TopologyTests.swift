import SelatNode
import SelatRuntime
import SelatScheme
import Testing

/// The region's own files, and what is said when two files contradict each other.
struct TopologyTests {
    static let folder = #filePath.replacing(
        "Tests/SelatRuntimeTests/TopologyTests.swift",
        with: "Nodes/"
    )

    private static func strait() throws -> Topology {
        try Topology.read(file: folder + "topologies/strait.yaml")
    }

    @Test func filesOfTheRegionAgree() throws {
        let strait = try Self.strait()
        #expect(
            strait.nodes.map(\.node)
                == [
                    "hub", "ips-sg", "ips-th", "ips-my", "fx-merlion", "fx-andaman", "psp-pasir",
                ]
        )
    }

    @Test func hubLetsCountriesSpeakForTheirOwnOnly() throws {
        let hub = try #require(try Self.strait().node("hub"))
        let routing = hub.routing
        let singapore = LinkID("ips-sg")
        for party in ["sg", "sg.directory", "MRLNSGS0", "PASRSGS0"] {
            #expect(routing.maySpeak(singapore, for: PartyID(checked: party)))
        }
        for party in ["th", "hub", "operator", "LTUSTHB0", "fx-merlion"] {
            #expect(!routing.maySpeak(singapore, for: PartyID(checked: party)))
        }
        // Known to Thailand, but not on the network.
        #expect(!routing.maySpeak(LinkID("ips-th"), for: PartyID(checked: "KHAOTHB0")))
        #expect(routing.links[PartyID(checked: "th")] == LinkID("ips-th"))
        #expect(routing.links[PartyID(checked: "LTUSTHB0")] == nil)
    }

    @Test func externalParticipantSpeaksForItselfAndIsReachedOverItsLink() throws {
        let strait = try Self.strait()
        let country = try #require(strait.node("ips-sg"))
        let participant = try #require(strait.node("psp-pasir"))
        let party = PartyID(checked: "PASRSGS0")
        #expect(country.routing.links[party] == LinkID("psp-pasir"))
        #expect(country.routing.maySpeak(LinkID("psp-pasir"), for: party))
        #expect(!country.routing.maySpeak(LinkID("psp-pasir"), for: PartyID(checked: "MRLNSGS0")))
        #expect(!country.hosted.contains(party))
        #expect(participant.hosted == [party])
        #expect(participant.routing.links[.hub] == LinkID("ips-sg"))
        #expect(participant.routing.speakers == [LinkID("ips-sg"): [PartyID(checked: "sg")]])
    }

    @Test func nobodyMaySpeakForTheOperatorOverALink() throws {
        for node in try Self.strait().nodes {
            for link in node.links {
                #expect(!link.speakers.contains(.operatorChannel))
            }
        }
    }

    @Test func contradictionNamesBothFiles() throws {
        let strait = try Self.strait()
        let changed = try strait.nodes.map { node in
            guard node.node == "fx-merlion" else { return node }
            let text = try TextFile.read(node.file)
                .replacing("opening: SGD 25000000.00", with: "opening: SGD 25000000.01")
            return try NodeConfiguration(file: "fx-merlion.yaml", text: text)
        }
        let topology = Topology(file: "strait.yaml", name: "strait", nodes: changed)
        #expect(
            topology.contradictions.map(\.description)
                == [
                    "fx-merlion.yaml: accounts.SG.opening: expected SGD 25000000.00, "
                        + "got SGD 25000000.01; make both files say the same"
                ]
        )
    }

    @Test func participantOfANodeWithoutFileIsASeatForWhoeverAttaches() throws {
        let strait = try Self.strait()
        #expect(strait.attached == ["psp-kranji"])
        #expect(strait.seats.map(\.node).sorted() == ["psp-kranji", "psp-pasir"])
        let seat = try #require(strait.seats.first { $0.node == "psp-kranji" })
        #expect(seat.party == PartyID(checked: "KRNJSGS0"))
        #expect(seat.system == PartyID(checked: "sg"))
        #expect(seat.country.node == "ips-sg")
    }

    /// A node that is described, but hosts another, is a mistake and no seat.
    @Test func nodeThatHostsAnotherIsRefused() throws {
        let strait = try Self.strait()
        let changed = try strait.nodes.map { node in
            guard node.node == "ips-sg" else { return node }
            let text = try TextFile.read(node.file)
                .replacing("node: psp-kranji", with: "node: psp-pasir")
            return try NodeConfiguration(file: "sg.yaml", text: text)
        }
        let topology = Topology(file: "strait.yaml", name: "strait", nodes: changed)
        #expect(topology.contradictions.map(\.key) == ["participants.KRNJSGS0.node"])
    }

    @Test func regionWithoutHubIsRefused() throws {
        let nodes = try Self.strait().nodes.filter { $0.node == "psp-pasir" }
        let topology = Topology(file: "strait.yaml", name: "strait", nodes: nodes)
        #expect(
            topology.contradictions.map(\.description)
                == [
                    "strait.yaml: nodes: expected exactly one hub, got 0; list one node of kind hub",
                    nodes[0].file
                        + ": link.node: expected a country's node, got 'ips-sg'; "
                        + "make both files say the same",
                ]
        )
    }
}
