import DequeModule
import SelatJSON
import SelatScheme
import SelatTime
import SelatWire

/// Carrying out what sessions and core want of each other.
extension LinkedNode {
    mutating func perform(_ output: consuming [SessionAction], on connection: ConnectionID) {
        if !output.isEmpty { perform(&output, on: connection, seed: Seed(high: 0, low: 0)) }
    }

    /// Takes out what it carries out: in the end all of it.
    mutating func perform(
        _ output: inout [SessionAction],
        on connection: ConnectionID,
        seed: Seed
    ) {
        guard !output.isEmpty, let place = index(of: connection) else { return }
        let link = connections[place].link
        output.turnOver()
        while let action = output.popLast() {
            switch consume action {
            case .write(let bytes): write(bytes, on: connection)
            case .established:
                connections[place].isUp = true
                actions.append(.linkUp(link))
                pump(link)
            case .acknowledged(let epoch, let sequence):
                feed(.acknowledged(link, epoch: epoch, sequence: sequence))
                pump(link)
            case .deliver(let epoch, let message):
                deliver(message, epoch: epoch, from: link, seed: seed)
            case .deliverRequest(let call, let request):
                deliver(request, call, on: connection, link: link, seed: seed)
            case .deliverResponse(let call, let response): relay(call, response)
            case .requestFailed(let call, let failure):
                let text = failure == .timedOut ? "no answer in time" : "the link went down"
                guard let id = relayed.removeValue(forKey: call) else { break }
                answer(.error(id, 503, "\(link): \(text); whether it was done is not known"))
            case .peerRestored(let acknowledged, let has):
                actions.append(
                    .report(
                        "\(link) was restored: it has \(has) of \(acknowledged) messages it had "
                            + "acknowledged; they are sent again"
                    )
                )
                guard let epoch = core.position(of: link)?.sendEpoch else { break }
                connections[place].awaitsRecall = true
                actions.append(
                    .recall(link, epoch: epoch, from: has + 1, through: acknowledged)
                )
            case .peerRenumbered(let previous):
                actions.append(
                    .report("\(link) starts a new epoch after \(previous.sequence) messages")
                )
            case .renumber(let numbered, let has):
                actions.append(
                    .report(
                        "\(link) has \(has) messages of ours, we numbered \(numbered): this node "
                            + "was restored; it continues under a new epoch"
                    )
                )
                let epoch = entropy.derived(0xE90C).high | 1
                feed(.restored(link, epoch: epoch == 1 ? 3 : epoch))
            case .close(let end): close(connection, link, end)
            }
        }
    }

    private mutating func close(_ connection: ConnectionID, _ link: LinkID, _ end: SessionEnd) {
        if let index = index(of: connection) {
            if connections[index].isUp {
                connections[index].isUp = false
                actions.append(.linkDown(link, "\(end)"))
            }
            connections[index].isCurrent = false
        }
        actions.append(.close(connection, "\(end)"))
        closes = true
    }

    /// Sends what is committed, as far as the peer's window reaches: notifications alone only when
    /// their time to wait is over or they fill a quarter of the window.
    mutating func pump(_ link: LinkID, isOverdue: Bool = false) {
        guard let index = current(link), !connections[index].awaitsRecall else { return }
        let sendable = connections[index].session.sendable
        guard !sendable.isEmpty else { return }
        let messages = core.undelivered(
            link,
            from: sendable.lowerBound,
            limit: Int(clamping: sendable.count)
        )
        guard !messages.isEmpty, isOverdue || !waits(messages, on: index) else { return }
        connections[index].sendsAt = nil
        queue(index)
        perform(connections[index].send(messages), on: connections[index].id)
    }

    /// Whether nobody waits for any of the messages, and they may still wait for company.
    private mutating func waits(
        _ messages: Deque<RetainedMessage>.SubSequence,
        on index: Int
    ) -> Bool {
        guard messages.count < wireLimits.window / 4,
            messages.allSatisfy({ $0.kind == Message.Kind.notification })
        else { return false }
        if connections[index].sendsAt == nil {
            connections[index].sendsAt = now + NodeLimits.notificationDelay
        }
        return true
    }

    private mutating func deliver(
        _ message: consuming MessageFrame,
        epoch: UInt64,
        from link: LinkID,
        seed: Seed
    ) {
        deliveries += 1
        feed(
            InboundMessage(
                link: link,
                epoch: epoch,
                sequence: message.sequence,
                kind: message.kind.rawValue,
                from: PartyID(checked: message.from.text),
                to: PartyID(checked: message.to.text),
                payload: message.payload,
                at: now,
                seed: seed.derived(deliveries)
            )
        )
    }

    private mutating func deliver(
        _ request: RequestFrame,
        _ call: CallID,
        on connection: ConnectionID,
        link: LinkID,
        seed: Seed
    ) {
        deliveries += 1
        let id = open(.link(connection, call))
        let to = PartyID(checked: request.to.text)
        // What is for somebody elsewhere is passed on, mostly as it came.
        let body: JSONCursor
        let text: [UInt8]?
        do {
            let isPassedOn = !core.hosts(to)
            text = isPassedOn ? try JSONCanonicalText.of(request.payload) : nil
            body = isPassedOn ? .nothing : try JSONCursor(parsing: request.payload)
        } catch {
            return answer(.error(id, 400, "\(error)"))
        }
        feed(
            .request(
                InboundRequest(
                    id: id,
                    link: link,
                    from: PartyID(checked: request.from.text),
                    to: to,
                    request: Request(operation: request.operation.text, body: body),
                    text: text,
                    at: now,
                    seed: seed.derived(deliveries)
                )
            )
        )
    }

    private mutating func relay(_ call: CallID, _ response: ResponseFrame) {
        guard let id = relayed.removeValue(forKey: call) else { return }
        do {
            let text = try JSONCanonicalText.of(response.payload)
            answer(Reply(request: id, status: response.status, text: text))
        } catch {
            answer(.error(id, 502, "the answer is no JSON: \(error)"))
        }
    }

    private mutating func answer(_ reply: Reply) {
        switch origins.removeValue(forKey: reply.request) {
        case .link(let connection, let call): respond(connection, call, reply.status, reply.text)
        case .operatorChannel(let token):
            actions.append(.reply(token, reply))
        case nil: break
        }
    }

    private mutating func respond(
        _ connection: ConnectionID,
        _ call: CallID,
        _ status: UInt16,
        _ payload: [UInt8]
    ) {
        guard let index = index(of: connection),
            connections[index].session.awaitsResponse(to: call)
        else { return }
        queue(index)
        connections[index].respond(call, status, payload)
    }

    private mutating func forward(_ link: LinkID, _ request: InboundRequest) {
        guard let index = current(link), connections[index].isUp,
            let operation = OperationName(request.request.operation)
        else {
            return answer(.error(request.id, 503, "no link to \(link) just now; ask again"))
        }
        let outcome = connections[index].session.request(
            operation,
            from: PartyName(checked: request.from.name),
            to: PartyName(checked: request.to.name),
            payload: request.text ?? request.request.body.canonicalText,
            at: now
        )
        switch outcome {
        case .sent(let call, let output):
            relayed[call] = request.id
            perform(output, on: connections[index].id)
        case .tooManyOpen: answer(.error(request.id, 429, "too many requests are open; ask again"))
        case .tooLong: answer(.error(request.id, 413, "the request is longer than a frame"))
        case .notEstablished:
            answer(.error(request.id, 503, "no link to \(link) just now; ask again"))
        }
    }

    mutating func perform(_ output: consuming [NodeCore.Action]) {
        guard !output.isEmpty else { return }
        output.turnOver()
        while let action = output.popLast() {
            switch consume action {
            case .fetch(let token, let keys): actions.append(.fetch(token, keys))
            case .commit(let token, let batch): actions.append(.commit(token, batch))
            case .send(let link, _): pump(link)
            case .acknowledge(let link, let epoch, let sequence):
                guard let index = current(link) else { break }
                perform(
                    connections[index].session.acknowledge(epoch: epoch, upTo: sequence, at: now),
                    on: connections[index].id
                )
            case .reply(let reply): answer(reply)
            case .forward(let link, let request): forward(link, request)
            case .notice(let history, let alerts): actions.append(.notice(history, alerts))
            case .wakeAt(let instant): coreWake = instant
            case .stop(let why): actions.append(.stop(why))
            }
        }
        core.reuse(output)
    }
}
