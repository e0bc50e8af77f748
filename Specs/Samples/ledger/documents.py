"""The retained documents, parsed again with Python's own parser."""
import collections, hashlib, json, re, uuid, xml.parsers.expat

CREDIT_TRANSFER, STATUS_REPORT, NOTIFICATION = 1, 2, 17
FINAL = ("ACCC", "BLCK", "RJCT")

Money = collections.namedtuple("Money", "units currency")
# Digits after the point: ISO 4217 has two for all but these.
DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "CLP": 0, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3,
          "TND": 3}


class CreditTransfer:
    """A pacs.008, as far as the laws speak of it."""
    __slots__ = ("message_id", "uetr", "settlement", "instructed", "charges", "rate", "quote",
                 "instructing", "instructed_agent", "debtor_agent", "creditor_agent", "debtor",
                 "creditor", "is_destination_leg", "business", "shared")


class StatusReport:
    """A pacs.002."""
    __slots__ = ("message_id", "original", "uetr", "status", "reason")


def identity(text):
    try:
        return uuid.UUID(text).bytes
    except (ValueError, TypeError, AttributeError):
        return None


def money(value):
    text, currency = value
    digits = DIGITS.get(currency, 2)
    match = re.fullmatch(r"([0-9]+)(?:\.([0-9]*))?", text.strip())
    if not match or len((match[2] or "").rstrip("0")) > digits:
        raise ValueError(text)
    return Money(int(match[1] + (match[2] or "")[:digits].ljust(digits, "0")), currency)


def rate(text):
    """(mantissa, scale), without zeros at the end."""
    whole, _, fraction = text.strip().partition(".")
    fraction = fraction.rstrip("0")
    return int(whole + fraction), len(fraction)


def elements(data):
    """(name of the document, [(path below it, text, Ccy)]), in order; raises on what is no XML."""
    stack, texts, found, names = [], [], [], []
    parser = xml.parsers.expat.ParserCreate()

    def begin(tag, attributes):
        tag = tag.rpartition(":")[2]
        if len(stack) == 0:
            names.append(attributes.get("xmlns", ""))
        stack.append(tag)
        texts.append([attributes.get("Ccy")])

    def end(_):
        currency, *text = texts.pop()
        if text and (value := "".join(text)).strip():
            found.append(("/".join(stack[3:]), value, currency))
        stack.pop()

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = lambda text: texts[-1].append(text)
    parser.buffer_text = True
    parser.Parse(data, True)
    return names[0], found


def parse(kind, data):
    """A document, or None for what no law looks into or what cannot be read."""
    try:
        if kind == CREDIT_TRANSFER:
            return credit_transfer(elements(data)[1])
        if kind == STATUS_REPORT:
            return status_report(elements(data)[1])
        if kind == NOTIFICATION:
            return json.loads(data)
    except (xml.parsers.expat.ExpatError, KeyError, ValueError, IndexError, TypeError):
        return None
    return None


# What a resend may change: everything else makes the payment.
OWN = ("MsgId", "CreDtTm")
# What both legs of a payment tell alike.
SHARED = ("Dbtr", "DbtrAcct", "DbtrAgt", "Cdtr", "CdtrAcct", "CdtrAgt", "InstdAmt", "AgrdRate",
          "RmtInf", "Purp", "AddtlDtTm", "PmtId/EndToEndId", "PmtId/UETR")
# The documents of a payment share what they tell alike; so it is kept once.
POOL = {}


def is_shared(path):
    return path in SHARED or path.partition("/")[0] in SHARED


def credit_transfer(found):
    first = {}
    charges = []
    for path, text, currency in found:
        if path == "ChrgsInf/Amt":
            charges.append(money((text, currency)))
        first.setdefault(path, (text, currency))

    def text(path):
        return first.get(path, (None,))[0]
    t = CreditTransfer()
    t.message_id, t.uetr = text("MsgId"), identity(text("PmtId/UETR"))
    t.settlement, t.instructed = money(first["IntrBkSttlmAmt"]), money(first["InstdAmt"])
    t.charges, t.rate = tuple(charges), rate(text("AgrdRate/PreAgrdXchgRate"))
    t.quote = identity(text("AgrdRate/QtId"))
    agent = "%s/FinInstnId/BICFI"
    t.instructing, t.instructed_agent = text(agent % "InstgAgt"), text(agent % "InstdAgt")
    t.debtor_agent, t.creditor_agent = text(agent % "DbtrAgt"), text(agent % "CdtrAgt")
    t.debtor = text("DbtrAcct/Id/Othr/Id") or text("DbtrAcct/Id/IBAN")
    t.creditor = text("CdtrAcct/Id/Othr/Id") or text("CdtrAcct/Id/IBAN")
    t.is_destination_leg = "PrvsInstgAgt1/FinInstnId/BICFI" in first
    t.business = hashlib.sha256(repr([e for e in found if e[0] not in OWN]).encode()).digest()
    shared = tuple((path, value) for path, value, _ in found if is_shared(path))
    t.shared = POOL.setdefault(shared, shared)
    return t


def status_report(found):
    first = {}
    for path, text, _ in found:
        first.setdefault(path, text)
    r = StatusReport()
    r.message_id, r.status = first.get("MsgId"), first.get("TxSts")
    r.original = first.get("OrgnlGrpInf/OrgnlMsgId", "")
    r.uetr = identity(first.get("OrgnlUETR"))
    r.reason = first.get("StsRsnInf/Rsn/Cd") or first.get("StsRsnInf/Rsn/Prtry")
    return r

