import SelatISO20022
import SelatScheme

/// The tables of the source leg.
enum SourceGrid {
    static let events: [Step] = [
        .again, .altered, .underAnotherMessageID,
        .m3("ACCC"), .m3("RJCT MS03"), .m3("BLCK"), .m3("ACWP"), .m3("ACTC"),
        .onTheDot(.m3("ACCC")), .onTheDot(.again), .aboutAnother(.m3("ACCC")),
        .aboutNone(.m3("ACCC")),
        .m12("ACCC"), .m12("BLCK"), .m12("RJCT AC04"), .m12("RJCT"), .m12("ACWP"), .m12("ACTC"),
        .aboutAnother(.m12("RJCT DU03")), .aboutNone(.m12("RJCT DU03")),
        .aboutNone(.m12("ACCC")), .stranger("RJCT AC04"), .timer,
    ]

    static let sections = SettlementModel.allCases.flatMap { model in
        [
            GridSection(
                title: "\(model.rawValue), S-PSP and S-SAP are two",
                places: domestic(.init(leg: .source, model: model)),
                events: events
            ),
            GridSection(
                title: "\(model.rawValue), S-PSP = S-SAP",
                places: own(.init(leg: .source, model: model, isOwnAccessProvider: true)),
                events: events
            ),
        ]
    }

    private static func domestic(_ setting: Story.Setting) -> [GridTests.Place] {
        var overLimit = setting
        overLimit.isOverLimit = true
        let sent: [Step] = [.first, .m3("ACCC")]
        return [
            .init(name: "-", way: [], setting: setting),
            .init(name: "AwaitingSourceSAP", way: [.first], setting: setting),
            .init(name: "SentToHub", way: sent, setting: setting),
            .init(name: "Completed", way: sent + [.m12("ACCC")], setting: setting),
            .init(name: "Blocked", way: sent + [.m12("BLCK")], setting: setting),
            .init(
                name: "Rejected by the hub",
                way: sent + [.m12("RJCT AC04")],
                setting: setting
            ),
            .init(name: "Rejected by S-SAP", way: [.first, .m3("RJCT MS03")], setting: setting),
            .init(name: "Rejected by timer", way: [.first, .timer], setting: setting),
            .init(name: "Rejected on M1", way: [.first], setting: overLimit),
        ]
    }

    private static func own(_ setting: Story.Setting) -> [GridTests.Place] {
        [
            .init(name: "SentToHub", way: [.first], setting: setting),
            .init(name: "Completed", way: [.first, .m12("ACCC")], setting: setting),
            .init(name: "Rejected by the hub", way: [.first, .m12("RJCT AC04")], setting: setting),
        ]
    }
}

/// The tables of the destination leg.
enum DestinationGrid {
    static let events: [Step] = [
        .again, .altered, .underAnotherMessageID,
        .m7("ACTC"), .m7("RJCT AM04"), .m7("ACCC"), .m7("BLCK"), .m7("ACWP"),
        .onTheDot(.m7("ACTC")), .aboutAnother(.m7("ACTC")),
        .m9("ACCC"), .m9("BLCK"), .m9("RJCT AC04"), .m9("RJCT"), .m9("ACWP"), .m9("ACTC"),
        .onTheDot(.m9("ACCC")), .onTheDot(.again), .aboutAnother(.m9("ACCC")),
        .aboutNone(.m9("RJCT DU03")),
        .m11("ACCC"), .m11("BLCK"), .m11("RJCT AB03"), .m11("RJCT"), .m11("ACWP"),
        .m11("ACTC"), .onTheDot(.m11("ACCC")), .onTheDot(.m11("RJCT AB03")),
        .aboutAnother(.m11("RJCT AB03")), .aboutNone(.m11("RJCT DU01")),
        .stranger("RJCT AC04"), .timer,
    ]

    static let sections: [GridSection] = [
        section("5-step, NORM", .init(leg: .destination, model: .fiveStep)),
        section("5-step, HIGH", .init(leg: .destination, model: .fiveStep, priority: .high)),
        section("4-step", .init(leg: .destination, model: .fourStep)),
        section(
            "5-step, NORM, D-PSP = D-SAP",
            .init(leg: .destination, model: .fiveStep, isOwnAccessProvider: true)
        ),
        section(
            "4-step, D-PSP = D-SAP",
            .init(leg: .destination, model: .fourStep, isOwnAccessProvider: true)
        ),
    ]

    private static func section(_ title: String, _ setting: Story.Setting) -> GridSection {
        GridSection(title: title, places: places(setting), events: events)
    }

    private static func places(_ setting: Story.Setting) -> [GridTests.Place] {
        var overLimit = setting
        overLimit.isOverLimit = true
        let isFive = setting.model == .fiveStep
        let asked: [Step] = setting.isOwnAccessProvider ? [.first] : [.first, .m7("ACTC")]
        let accepted = asked + [.m9("ACCC")]
        let held = asked + [.m9("BLCK")]
        let refused = asked + [.m9("RJCT AC04")]
        func place(_ name: String, _ way: [Step]) -> GridTests.Place {
            .init(name: name, way: way, setting: setting)
        }
        var places = [place("-", [])]
        if !setting.isOwnAccessProvider {
            places.append(place("AwaitingDestinationSAP", [.first]))
        }
        places.append(place("AwaitingDestinationPSP", asked))
        if isFive {
            places.append(place("AwaitingConfirmation(ACCC)", accepted))
            places.append(place("AwaitingConfirmation(BLCK)", held))
            if setting.priority == .normal {
                places.append(place("AwaitingConfirmation(RJCT)", refused))
            }
        }
        if setting.priority == .normal {
            places.append(place("AcceptedWithoutPosting", asked + [.m9("ACWP")]))
        }
        places.append(place("Completed", isFive ? accepted + [.m11("ACCC")] : accepted))
        places.append(place("Blocked", isFive ? held + [.m11("BLCK")] : held))
        places.append(
            place("Rejected by D-PSP", isFive ? refused + [.m11("RJCT AC04")] : refused)
        )
        if isFive {
            places.append(place("Rejected by timer AB05", asked + [.timer]))
            places.append(place("Rejected by the hub", asked + [.m11("RJCT AB03")]))
            if setting.priority == .high {
                places.append(place("Rejected, overruled", accepted + [.m11("RJCT AB03")]))
            }
        }
        if !setting.isOwnAccessProvider {
            places.append(place("Rejected by D-SAP", [.first, .m7("RJCT AM04")]))
            places.append(place("Rejected by timer AB06", [.first, .timer]))
        }
        places.append(place("Tombstone", [.m11("RJCT AB03")]))
        places.append(.init(name: "Rejected on M5", way: [.first], setting: overLimit))
        return places
    }
}
