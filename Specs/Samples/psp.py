#!/usr/bin/env python3
r"""A participant in one page: asks for a quote, sends a pacs.008, prints the pacs.002.

    psp.py HOST:PORT CA.pem CERT.pem KEY.pem NODE BICFI PEER SYSTEM '{"amount":"10.00", ...}' \
        TEMPLATE.xml

NODE is the certificate's node id, BICFI the participant; PEER is the node that listens, SYSTEM the
payment system that runs there. The JSON is the body of `quotes` (Specs/Protocol/Requests.md); the
first quote is taken. In the template (pacs.008.xml is one), {uetr}, {message_id}, {now}, {date},
{quote_id}, {rate}, {source_amount}, {fee}, {agent1}, {account1}, {agent2}, {account2} are replaced.
Positions are kept in NODE.json: losing it is what Specs/Protocol/Session.md calls being
restored, and takes a new epoch.
"""
import datetime, json, os, secrets, socket, ssl, struct, sys, uuid

HELLO, MESSAGE, ACK, REQUEST, RESPONSE, PING, PONG, GOODBYE = range(1, 9)
PACS008, PACS002 = 1, 2


def name(text):
    return struct.pack(">B", len(text)) + text.encode("ascii")


def take_name(body, at):
    end = at + 1 + body[at]
    return body[at + 1:end].decode("ascii"), end


class Link:
    def __init__(self, dial, node):
        self.dial, self.node, self.file = dial, node, node + ".json"
        fresh = {"epoch": secrets.randbits(63) | 1, "next": 1, "sent": {}, "heard": [0, 0]}
        self.state = json.load(open(self.file)) if os.path.exists(self.file) else fresh
        self.save()
        self.connect()

    def connect(self):
        self.stream = self.dial()
        self.send(HELLO, struct.pack(">H", 1) + name(self.node) + struct.pack(
            ">QQQII", self.state["epoch"], *self.state["heard"], 1024, 131072))
        kind, body = self.read()
        if kind != HELLO:
            sys.exit("expected a hello, got frame type %d: %r" % (kind, body))
        self.peer_epoch, epoch, has = struct.unpack(">QQQ", body[3 + body[2]:27 + body[2]])
        if self.peer_epoch != self.state["heard"][0]:
            self.state["heard"] = [self.peer_epoch, 0]
        self.acknowledged(has if epoch == self.state["epoch"] else 0)
        for sequence in sorted(map(int, self.state["sent"])):  # lost with the last connection
            self.send(MESSAGE, bytes.fromhex(self.state["sent"][str(sequence)]))

    def save(self):
        with open(self.file + ".new", "w") as out:
            json.dump(self.state, out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(self.file + ".new", self.file)

    def send(self, kind, body):
        self.stream.sendall(struct.pack(">IB", 1 + len(body), kind) + body)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.stream.recv(count - len(data))
            if not piece:
                sys.exit("the peer closed the connection")
            data += piece
        return data

    def read(self):
        length, kind = struct.unpack(">IB", self.exactly(5))
        return kind, self.exactly(length - 1)

    def acknowledged(self, sequence):
        self.state["sent"] = {n: m for n, m in self.state["sent"].items() if int(n) > sequence}
        self.save()

    def message(self, kind, sender, receiver, payload):
        body = struct.pack(">QB", self.state["next"], kind) + name(sender) + name(receiver) + payload
        self.state["sent"][str(self.state["next"])] = body.hex()
        self.state["next"] += 1
        self.save()  # on disk before it is sent
        self.send(MESSAGE, body)

    def next(self):
        """The next response (status, JSON) or message (kind, from, payload)."""
        while True:
            kind, body = self.read()
            if kind == PING:
                self.send(PONG, body)
            elif kind == ACK:
                self.acknowledged(struct.unpack(">QQ", body)[1])
            elif kind == GOODBYE and body[0] == 8:  # it comes back under a new epoch
                self.connect()
            elif kind == GOODBYE:
                sys.exit("goodbye %d: %s" % (body[0], body[1:].decode()))
            elif kind == RESPONSE:
                return struct.unpack(">QH", body[:10])[1], json.loads(body[10:] or "{}")
            elif kind == MESSAGE:
                sequence, message_kind = struct.unpack(">QB", body[:9])
                sender, at = take_name(body, 9)
                _, at = take_name(body, at)
                new = sequence > self.state["heard"][1]
                if new:
                    self.state["heard"] = [self.peer_epoch, sequence]
                    self.save()  # what it does is committed before it is acknowledged
                self.send(ACK, struct.pack(">QQ", *self.state["heard"]))
                if new:
                    return message_kind, sender, body[at:]


def main():
    if len(sys.argv) != 11:
        sys.exit(__doc__)
    address, ca, certificate, key, node, bicfi, peer, system, asked, template = sys.argv[1:]
    host, port = address.rsplit(":", 1)
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # the peer is named by its URI, checked below
    context.load_cert_chain(certificate, key)

    def dial():
        stream = context.wrap_socket(socket.create_connection((host, int(port))))
        if ("URI", "selat:" + peer) not in stream.getpeercert().get("subjectAltName", ()):
            sys.exit("the certificate is not that of " + peer)
        return stream
    link = Link(dial, node)

    asked = dict(json.loads(asked), finInstIdType="BICFI", finInstId=bicfi)
    link.send(REQUEST, struct.pack(">Q", 1) + name(bicfi) + name("hub") + name("quotes")
              + json.dumps(asked).encode())
    answer = link.next()
    while len(answer) != 2:  # a message that waited for us
        answer = link.next()
    status, body = answer
    if status != 200 or not body["quotes"]:
        sys.exit("no quote: %s %s" % (status, json.dumps(body)))
    quote = body["quotes"][0]
    print("quote", quote["quoteId"], "at", quote["exchangeRate"], file=sys.stderr)

    uetr, now = str(uuid.uuid4()), datetime.datetime.now(datetime.timezone.utc)
    values = {
        "uetr": uetr, "message_id": secrets.token_hex(16),
        "now": now.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (now.microsecond // 1000),
        "date": now.strftime("%Y-%m-%d"), "quote_id": quote["quoteId"], "rate": quote["exchangeRate"],
        "source_amount": quote["debtorAgent"]["interbankSettlementAmount"]["amount"],
        "fee": quote["creditorAgent"]["chargesInformation"]["amount"]["amount"],
        "agent1": quote["intermediaryAgent1"]["finInstId"]["BICFI"],
        "account1": quote["intermediaryAgent1Account"]["id"],
        "agent2": quote["intermediaryAgent2"]["finInstId"]["BICFI"],
        "account2": quote["intermediaryAgent2Account"]["id"]}
    text = open(template, encoding="utf-8").read()
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    link.message(PACS008, bicfi, system, text.encode())
    while True:
        answer = link.next()
        if len(answer) == 3 and answer[0] == PACS002 and uetr.encode() in answer[2]:
            print(answer[2].decode())
            if b"<TxSts>ACWP<" not in answer[2]:  # an interim status; the final one follows
                link.send(GOODBYE, b"\x01")
                return link.stream.unwrap()  # an end without TLS close_notify would be a broken link


if __name__ == "__main__":
    main()
