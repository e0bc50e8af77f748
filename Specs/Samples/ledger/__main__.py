#!/usr/bin/env python3
"""An independent checker: the laws over the databases of a region, in nothing but Python.

    python3 Specs/Samples/ledger --data DIR [--json] [--history FILE] [--topology FILE]

Shares no code with Selat. What it reads: Specs/Protocol/Database.md. What it checks, and what can
not be seen from databases: README.md next to Specs/Samples/psp.py. Exits 0 when every law holds, 1
when one is broken, 2 when something can not be read.
"""
import argparse, json, os, pathlib, sys, uuid

sys.path[:0] = [str(pathlib.Path(__file__).parent)]

import across, database, documents, history, laws, region as regions

UNSEEN = {
    "I13": "there is no hash chain yet",
    "I1 (prefix)": "one snapshot does not tell whether an older one was its prefix",
    "I6 (age)": "the age of what is in doubt is reported by the running node",
    "I11 (certificate)": "the databases name the node that a link proved, not its certificate",
}


class Region:
    """The logs of every node of a region, and what is in them."""

    def __init__(self, directory, topology=None, is_running=None):
        self.directory = pathlib.Path(directory)
        try:
            self.topology = regions.Region(topology or regions.topology(directory))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise database.Unreadable("the region's topology: %r" % error) from error
        self.is_running = self.runs() if is_running is None else is_running
        reader = database.Reader(documents.parse)
        self.documents = reader.documents
        self.logs = [reader.read(node, self.directory / (node + ".sqlite"))
                     for node in self.topology.nodes]

    def runs(self):
        """Whether a node of `ready.json` is at work: its own process, not only its number."""
        try:
            nodes = json.loads((self.directory / "ready.json").read_text())["nodes"]
            for node in nodes:
                stat = pathlib.Path("/proc/%d/stat" % node["pid"])
                if stat.exists() and int(stat.read_text().rpartition(")")[2].split()[19]) == node[
                        "pidStarted"]:
                    return True
        except (OSError, ValueError, KeyError):
            pass
        return False

    def balances(self):
        """Posted minor units of every account, on its normal side."""
        found = {}
        for log in self.logs:
            for key, (kind, _, *sums) in log.stored.items():
                sign = 1 if kind in laws.DEBIT_NORMAL else -1
                found["/".join(key)] = sign * (sums[0] - sums[1])
        return found

    def check(self, clients=None):
        """(violations, payments under way, what was counted)."""
        findings = laws.Findings()
        for log in self.logs:
            laws.check_node(log, self.topology, self.documents, findings)
        between = across.Across(self.logs, self.topology, self.documents, findings)
        under_way = between.check(not self.is_running)
        counted = {"payments": len([p for p in between.payments.values() if p.holdings]),
                   "journals": sum(len(log.journals) for log in self.logs),
                   "messages": sum(len(log.messages) for log in self.logs),
                   "documents": len(self.documents)}
        if clients:
            counted["clients"] = history.check(clients, between, findings)
        # By law, then place.
        order = sorted(findings.violations, key=lambda v: (int(v[0][1:]), v[1], str(v[2])))
        return order, under_way, counted


def spelled(uetr):
    return str(uuid.UUID(bytes=uetr)) if uetr else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=".selat", help="the region's data directory")
    parser.add_argument("--topology", help="where DIR does not remember it")
    parser.add_argument("--history", help="what clients were told, JSON lines")
    parser.add_argument("--json", action="store_true", help="one document instead of lines")
    parser.add_argument("--balances", action="store_true", help="with --json: of every account")
    parser.add_argument("--running", action="store_true", default=None,
                        help="the nodes are at work, whatever ready.json says")
    parser.add_argument("--self-test", action="store_true",
                        help="break each law on a copy in memory, and see it found")
    options = parser.parse_args()
    try:
        region = Region(options.data, options.topology, options.running)
        clients = history.read(options.history) if options.history else None
        if options.self_test:
            import mutations
            sys.exit(mutations.run(options, Region))
        violations, under_way, counted = region.check(clients)
    except (database.Unreadable, history.Unreadable) as error:
        print("unreadable: %s" % error, file=sys.stderr)
        sys.exit(2)
    if options.json:
        more = {"balances": region.balances()} if options.balances else {}
        print(json.dumps({**more,
            "schema": "selat.independent-ledger/1", "lawful": not violations,
            "running": region.is_running, **counted, "inFlight": [spelled(u) for u in under_way],
            "unseen": UNSEEN, "violations": [
                {"law": law, "node": node, "uetr": spelled(uetr), "expected": expected,
                 "found": found} for law, node, uetr, expected, found in violations]},
            sort_keys=True))
    else:
        for law, node, uetr, expected, found in violations:
            print("%s %s%s: expected %s; found %s" % (
                law, node, " " + spelled(uetr) if uetr else "", expected, found))
        print("%d payments, %d journals, %d messages, %s: %s" % (
            counted["payments"], counted["journals"], counted["messages"],
            "while nodes run, %d under way" % len(under_way) if region.is_running else "at rest",
            "%d violations" % len(violations) if violations else "every law holds"))
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
