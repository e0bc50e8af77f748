"""Who is where: as much of the nodes' files (Specs/Protocol/NodeFiles.md) as is needed."""
import json, pathlib, re


class Region:
    """Kinds of parties, who hosts them, and for whom a node may speak."""

    def __init__(self, topology):
        topology = pathlib.Path(topology)
        self.nodes, self.kinds, self.system_of = [], {}, {}
        self.host, self.speakers, self.four_step = {}, {}, set()
        files = re.findall(r"^ *- +(\S+\.yaml)", topology.read_text(), re.M)
        for file in files:
            self.read((topology.parent / file).read_text())
        # A system's node speaks to the hub for the institutions of its country as well.
        self.to_hub = {node: set(parties) for node, parties in self.speakers.items()}
        for institution, system in self.system_of.items():
            self.to_hub[self.host[system]].add(institution)

    def read(self, text):
        text = re.sub(r"(^|\s)#.*$", "", text, flags=re.M)
        node = re.search(r"^node: *(\S+)", text, re.M)[1]
        kind = re.search(r"^kind: *(\S+)", text, re.M)[1]
        self.nodes.append(node)
        self.speakers.setdefault(node, set())
        if kind == "hub":
            self.party("hub", "hub", node)
        elif kind == "provider":
            provider = re.search(r"^provider:(?: *\{|\n +) *id: *([^,}\s]+)", text, re.M)[1]
            self.party(provider, "provider", node)
        else:
            block = re.search(r"^system:\n((?: .*\n|\n)+)", text, re.M)[1]
            system = re.search(r"^  id: *(\S+)", block, re.M)[1]
            if re.search(r"settlementModel: *4-step", block):
                self.four_step.add(system)
            if kind == "country":
                self.party(system, "system", node)
                directory = re.search(r"^directory:\n  id: *(\S+)", text, re.M)[1]
                self.party(directory, "directory", node)
            # Each up to the next of its list, or of the file's own keys.
            for indent, bicfi, entry in re.findall(
                    r"^( *)- bicfi: *(\w+)((?:.|\n)*?)(?=^\1\S|^\S|\Z)", text, re.M):
                self.participant(bicfi, indent, entry, system, node)

    def participant(self, bicfi, indent, entry, system, node):
        if re.search(r"onNetwork: *false", entry):
            return
        self.kinds[bicfi] = "participant"
        self.system_of[bicfi] = system
        elsewhere = re.search(r"^%s  node: *(\S+)" % indent, entry, re.M)
        if elsewhere:  # hosted: false
            self.speakers.setdefault(elsewhere[1], set()).add(bicfi)
        else:
            self.host[bicfi] = node
            self.speakers[node].add(bicfi)

    def party(self, name, kind, node):
        self.kinds[name], self.host[name] = kind, node
        self.speakers.setdefault(node, set()).add(name)

    def may_speak(self, node, at, party):
        table = self.to_hub if at == self.host.get("hub") else self.speakers
        return party in table.get(node, ())

    def is_four_step(self, party):
        return self.system_of.get(party, party) in self.four_step


def topology(directory):
    """The topology that ran last in a data directory."""
    return json.loads((pathlib.Path(directory) / "region.json").read_text())["topology"]
