"""What clients were told, against the books. Laws I3, I4 and I5 from the outside.

A history has one JSON object a line: `at` (nanoseconds), `event`, `uetr`. `invoke` comes first,
with `debtor` and `creditor` ([agent, account]), `debit` and `sourceCurrency`, `credit` and
`destinationCurrency`. Then `taken`, `info` (unknown), and one end: `ok`, `blocked`, `fail`,
`absent` (nobody knew it in the end).
"""
import collections, json, uuid

from documents import money

ENDS = ("ok", "blocked", "fail", "absent")


class Unreadable(Exception):
    pass


def read(file):
    clients = {}
    try:
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                key = uuid.UUID(entry["uetr"]).bytes
                client = clients.setdefault(key, {"events": []})
                client["events"].append(entry["event"])
                if entry["event"] == "invoke":
                    client.update(entry)
                if entry["event"] in ENDS:
                    client["end"] = entry["event"]
    except (OSError, ValueError, KeyError) as error:
        raise Unreadable("%s: %r" % (file, error)) from error
    return clients


def check(clients, between, findings):
    """Counts the ends; adds what the books contradict."""
    counted = collections.Counter()
    for uetr, client in clients.items():
        end = client.get("end", "open")
        counted[end] += 1
        payment = between.payments.get(uetr)
        posted = payment.posted if payment else {}
        agents = [client["debtor"][0], client["creditor"][0]]
        debit = money((client["debit"], client["sourceCurrency"]))
        credit = money((client["credit"], client["destinationCurrency"]))
        debtor = (agents[0], "customer:" + client["debtor"][1], debit.currency)
        creditor = (agents[1], "customer:" + client["creditor"][1], credit.currency)
        held = [(agents[1], name, credit.currency) for name in ("blocked", "unapplied")]

        def expect(law, text, wanted, found):
            if wanted != found:
                findings.add(law, "client", uetr, "%s, told '%s': %s" % (text, end, wanted),
                             str(found))
        moved = {key: amount for key, amount in posted.items() if amount}
        if end == "ok":
            expect("I4", "debited once, as quoted", debit.units, posted.get(debtor, 0))
            got = -posted.get(creditor, 0) - posted.get(held[1], 0)
            expect("I4", "credited once, as quoted", credit.units, got)
        elif end == "blocked":
            expect("I4", "debited once, as quoted", debit.units, posted.get(debtor, 0))
            expect("I3", "not credited", 0, posted.get(creditor, 0))
            expect("I5", "the money is held", True, posted.get(held[0], 0) < 0)
        elif end in ("fail", "absent"):
            expect("I5", "moved nowhere", {}, moved)
            if end == "absent":
                expect("I4", "known nowhere", False, bool(payment and payment.holdings))
        else:
            findings.add("I15", "client", uetr, "an end", ", ".join(client["events"]))
        if payment and any(payment.pending.values()) and end != "open":
            findings.add("I5", "client", uetr, "nothing reserved any more", "a reservation")
        if "taken" in client["events"] and not (payment and payment.holdings):
            findings.add("I4", "client", uetr, "a payment that its agent had taken", "none")
    return dict(counted)
