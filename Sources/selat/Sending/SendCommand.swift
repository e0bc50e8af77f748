import ArgumentParser
import SelatISO20022
import SelatJSON
import SelatNode
import SelatRuntime
import SelatScheme

/// `selat send`
struct SendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a raw message over an external participant's link; print the reply.",
        discussion: """
            The file goes out as it is, well formed or not: that is what it is for. The command is \
            the participant's node for as long as it takes: its certificate of DIR/pki, its \
            positions in DIR/<node>.sqlite. Where that node has a daemon of its own, stop it \
            first; what comes for the daemon meanwhile is left for it. Hosted participants have \
            no link: use 'selat pay'. Exits 0 on ACCC or a verified identification, 1 on RJCT, \
            5 on BLCK, 3 when nothing was sent, 4 when no final answer came: send the same file \
            again.
            """
    )

    @Option(name: .customLong("as"), help: "Who sends: the participant's BICFI.")
    var sender: String

    @Option(help: "Whom the frame is for; the payment system unless told otherwise.")
    var to: String?

    @Option(
        help: "What the frame announces: pacs.008, pacs.002, acmt.023, acmt.024; else as it says.",
        completion: .list(MessageKind.allCases.map(\.shortName))
    )
    var kind: String?

    @Option(help: "The longest wait for the answer, in seconds.")
    var patience = 30

    @Argument(help: "The message; - is standard input.", completion: .file(extensions: ["xml"]))
    var file: String

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let message = RawMessage(try InputFile.read(file), kind: try wantedKind())
        let topology = try RegionMemory(data.directory, topology: nil).topology
        let seat = try seat(in: topology)
        let receiver = try to.map(party)
        let isAttached = topology.attached.contains(seat.node)
        let link = try ParticipantLink(seat, in: data.directory) { received in
            isAttached || message.answer(received) != nil
        }
        defer { link.leave() }
        output.progress("\(message.kind.shortName) to \(seat.system) as \(seat.party)")
        let sequence = try link.send(message.bytes, kind: message.frameKind, to: receiver)
        let reply: SendReply
        do throws(RuntimeError) {
            reply = try answer(to: message, sequence, link)
        } catch {
            reply = SendReply(message, nil, ending: .unknown("\(error)"))
        }
        output.result(reply.text)
        output.document("send", reply.members)
        if !reply.code.isSuccess { throw reply.code }
    }

    /// Until the final answer, or the acknowledgement of what nobody answers.
    private func answer(
        to message: RawMessage,
        _ sequence: UInt64,
        _ link: ParticipantLink
    ) throws(RuntimeError) -> SendReply {
        let deadline = ContinuousClock.now + .seconds(patience)
        var last: RawMessage.Answer?
        while let event = try link.next(until: deadline) {
            switch event {
            case .message(let received):
                guard let answer = message.answer(received) else { break }
                last = answer
                let reply = SendReply(message, answer, ending: .answered)
                if reply.isFinal { return reply }
            case .acknowledged(let through):
                guard through >= sequence, !message.isAnswered else { break }
                return SendReply(message, nil, ending: .taken)
            case .response: break
            }
        }
        return SendReply(message, last, ending: .unknown("no final answer in \(patience) s"))
    }

    private func wantedKind() throws(CommandFailure) -> MessageKind? {
        guard let kind else { return nil }
        if let known = MessageKind.allCases.first(where: { $0.shortName == kind }) { return known }
        let all = MessageKind.allCases.map(\.shortName).joined(separator: ", ")
        throw CommandFailure(Exit.usage, "--kind: expected one of \(all), got '\(kind)'")
    }

    private func party(_ text: String) throws(CommandFailure) -> PartyID {
        if let party = PartyID(text) { return party }
        throw CommandFailure(Exit.usage, "--to: expected a party such as sg, got '\(text)'")
    }

    private func seat(in topology: Topology) throws(CommandFailure) -> Seat {
        let seats = topology.seats
        if let seat = seats.first(where: { $0.party.name == sender }) { return seat }
        let others = seats.map(\.party.name).sorted().joined(separator: ", ")
        let host = PartyID(sender).flatMap { topology.host(of: $0) }
        throw CommandFailure(
            Exit.usage,
            host.map {
                "--as: \(sender) is hosted by \($0.node) and has no link of its own; pay through "
                    + "it with 'selat pay', or send as one that has a link: \(others)"
            } ?? "--as: expected a participant with a link of its own (\(others)), got '\(sender)'"
        )
    }
}
