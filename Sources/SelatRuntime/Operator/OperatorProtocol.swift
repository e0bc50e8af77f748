package import SelatScheme
import SelatWire

/// What both ends of the operator's channel agree on. Specs/Protocol/Operator.md.
package enum OperatorProtocol {
    /// The party that answers for the node itself.
    package static let node = PartyID.operatorChannel
    /// The status of an answer after which others follow.
    package static let more: UInt16 = 206

    /// Operations that the node answers itself; everything else is a request to a party.
    package enum Operation: String, CaseIterable, Sendable {
        /// {} -> what the node is and how it fares.
        case status
        /// {uetr} -> everything stored of one payment, without the messages' bytes.
        case trace
        /// {uetr, after?} -> the retained messages of one payment, with their text.
        case messages
        /// {uetr} -> 206 for each step as it becomes durable, until the connection ends.
        case watch
        /// {name} -> 200 when the archive is registered: `selat archive` has written its file.
        case archive
        /// {} -> 200 when all that was committed is folded, and nothing archived is left.
        case tidy
        /// {} -> 200, then the node ends in order.
        case stop
    }
}

extension HelloFrame {
    /// The greeting of either end; positions mean nothing here.
    static func operatorChannel(from name: NodeName) -> HelloFrame {
        HelloFrame(
            node: name,
            sendEpoch: 1,
            lastReceivedEpoch: 0,
            lastReceivedSequence: 0,
            window: 1,
            maximumFrame: UInt32(WireLimits().frame)
        )
    }
}
