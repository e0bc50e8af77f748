import SelatRuntime
import SelatScheme
import Testing

/// Every mistake is named by file, line, key, what was expected, what stood there, and a remedy.
struct ConfigurationMistakeTests {
    /// A good file with one line changed, and the sentence that must come of it.
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let line: String
        let becomes: String
        let sentence: String

        var testDescription: String { name }
    }

    private static let country = """
        node: ips-sg
        kind: country
        listen: { host: 127.0.0.1, port: 7411 }
        hub: { node: hub, host: 127.0.0.1, port: 7400 }
        times: { destinationExecution: 10s }
        system:
          id: sg
          country: SG
          bicfi: FSTOSGS0
          clearingSystem: SGDFAST
          currency: SGD
          settlementModel: 5-step
          maximumAmount: SGD 200000.00
        directory: { id: sg.directory, bicfi: PDIRSGS0 }
        participants:
          - bicfi: MRLNSGS0
            name: Merlion Retail Bank
            lei: 9999SELATDEMO00MRL31
            settlement: { opening: SGD 50.00 }
            customers:
              - { account: '3920017745', name: Tan, town: Singapore, opening: SGD 1.00 }

        """

    private static let cases = [
        Case(
            name: "unknown key",
            line: "  clearingSystem: SGDFAST",
            becomes: "  clearingSytem: SGDFAST",
            sentence: "sg.yaml:10: system.clearingSytem: expected one of id, country, bicfi, "
                + "clearingSystem, currency, settlementModel, maximumAmount, got an unknown key; "
                + "write 'clearingSystem' if that is meant, else remove it"
        ),
        Case(
            name: "missing key",
            line: "  currency: SGD",
            becomes: "",
            sentence: "sg.yaml:7: system.currency: expected a value, got nothing; "
                + "add the key 'currency'"
        ),
        Case(
            name: "unknown kind",
            line: "kind: country",
            becomes: "kind: contry",
            sentence: "sg.yaml:2: kind: expected one of hub, country, provider, participant, "
                + "got 'contry'; write one of them"
        ),
        Case(
            name: "no BICFI",
            line: "  bicfi: FSTOSGS0",
            becomes: "  bicfi: FSTO",
            sentence: "sg.yaml:9: system.bicfi: expected a BICFI of 8 or 11 characters, got "
                + "'FSTO'; write a fictional one with 0 as its eighth character, such as MRLNSGS0"
        ),
        Case(
            name: "wrong check digits",
            line: "    lei: 9999SELATDEMO00MRL31",
            becomes: "    lei: 9999SELATDEMO00MRL32",
            sentence: "sg.yaml:18: participants[0].lei: expected an LEI of 20 characters with "
                + "right check digits, got '9999SELATDEMO00MRL32'; compute the last two digits "
                + "by ISO 7064 mod 97-10"
        ),
        Case(
            name: "surplus decimals",
            line: "  maximumAmount: SGD 200000.00",
            becomes: "  maximumAmount: SGD 200000.005",
            sentence: "sg.yaml:13: system.maximumAmount: expected an amount with its currency, "
                + "such as 'SGD 498.00', got 'SGD 200000.005'; write currency, space, amount, "
                + "with no more decimals than the currency has"
        ),
        Case(
            name: "another currency",
            line: "    settlement: { opening: SGD 50.00 }",
            becomes: "    settlement: { opening: THB 50.00 }",
            sentence: "sg.yaml:19: participants[0].settlement.opening: expected an amount in "
                + "SGD, got 'THB 50.00'; write it in SGD"
        ),
        Case(
            name: "times in conflict",
            line: "times: { destinationExecution: 10s }",
            becomes: "times: { destinationExecution: 8s }",
            sentence: "sg.yaml:5: times: expected times by which the destination rejects before "
                + "the hub does, got others; destinationAccessProviderAnswer (3.0 seconds) + "
                + "creditorAgentAnswer (5.0 seconds) must be less than destinationExecution "
                + "(8.0 seconds); shorten the answers or lengthen the execution time"
        ),
        Case(
            name: "no duration",
            line: "times: { destinationExecution: 10s }",
            becomes: "times: { destinationExecution: 10 }",
            sentence: "sg.yaml:5: times.destinationExecution: expected a positive duration such "
                + "as 250ms, 3s or 10min, got '10'; write a whole number and one of ms, s, min"
        ),
        Case(
            name: "a list for a mapping",
            line: "directory: { id: sg.directory, bicfi: PDIRSGS0 }",
            becomes: "directory: [ sg.directory ]",
            sentence: "sg.yaml:14: directory: expected a mapping with id, bicfi, got a list; "
                + "write 'key: value' lines below it"
        ),
        Case(
            name: "a port beyond the range",
            line: "listen: { host: 127.0.0.1, port: 7411 }",
            becomes: "listen: { host: 127.0.0.1, port: 65536 }",
            sentence: "sg.yaml:3: listen.port: expected a whole number from 0 to 65535, got "
                + "'65536'; write it without quotes or decimals"
        ),
        Case(
            name: "customers of another node's participant",
            line: "    name: Merlion Retail Bank",
            becomes: "    name: Merlion Retail Bank\n    hosted: false\n    node: psp-merlion",
            sentence: "sg.yaml:20: participants[0].lei: expected nothing for an institution that "
                + "is not hosted here, got a value; move it into the file of the participant's "
                + "own node"
        ),
        Case(
            name: "a private value is not repeated",
            line:
                "      - { account: '3920017745', name: Tan, town: Singapore, opening: SGD 1.00 }",
            becomes: "      - { account: '39200177453920017745392001774539200', name: T, town: S }",
            sentence: "sg.yaml:21: participants[0].customers[0].account: expected 1 to 34 "
                + "characters, got 35 characters; shorten it"
        ),
        Case(
            name: "a key twice",
            line: "  id: sg",
            becomes: "  id: sg\n  id: sg",
            sentence: "sg.yaml:7: no YAML: a key stands twice: [\"id\"]; correct the line"
        ),
        Case(
            name: "no YAML",
            line: "node: ips-sg",
            becomes: "node: [ips-sg",
            sentence: "sg.yaml:2: no YAML: did not find expected ',' or ']'; correct the line"
        ),
    ]

    @Test(arguments: cases)
    func mistakeIsNamedByLineKeyAndRemedy(_ mistake: Case) throws {
        let text = Self.country.replacing(mistake.line + "\n", with: mistake.becomes + "\n")
        #expect(text != Self.country)
        let error = #expect(throws: RuntimeError.self) {
            _ = try NodeConfiguration(file: "sg.yaml", text: text)
        }
        #expect(error?.description == mistake.sentence)
    }

    @Test func unchangedFileIsAccepted() throws {
        let configuration = try NodeConfiguration(file: "sg.yaml", text: Self.country)
        #expect(configuration.node == "ips-sg")
        #expect(configuration.kindName == .country)
        #expect(configuration.hosted.map(\.name) == ["sg", "sg.directory", "MRLNSGS0"])
    }

    @Test func missingFileIsNamed() {
        let error = #expect(throws: RuntimeError.self) {
            _ = try NodeConfiguration.read(file: "no/such.yaml")
        }
        #expect(error?.description == "no/such.yaml: there is no such file; check the path")
    }
}
