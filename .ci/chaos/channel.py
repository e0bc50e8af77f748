"""The operator's channel of a node: Specs/Protocol/Operator.md, Framing.md, Requests.md."""
import asyncio, itertools, json, struct

HELLO, REQUEST, RESPONSE, PING, PONG, GOODBYE = 1, 4, 5, 6, 7, 8


class Unreachable(Exception):
    """Nobody answered: whether the request was carried out is unknown."""


def name(text):
    return struct.pack(">B", len(text)) + text.encode("ascii")


class Channel:
    """One connection; many requests under way."""

    def __init__(self, path):
        self.path, self.writer, self.waiting = path, None, {}
        self.correlations = itertools.count(1)
        self.opening = asyncio.Lock()

    async def connect(self):
        async with self.opening:
            if self.writer:
                return
            try:
                reader, writer = await asyncio.wait_for(
                    asyncio.open_unix_connection(self.path, limit=1 << 20), 2)
            except (OSError, asyncio.TimeoutError) as error:
                raise Unreachable(str(error)) from error
            # Epochs and positions mean nothing here, but none may be zero where a link has one.
            self.write(writer, HELLO, struct.pack(">H", 1) + name("operator") + struct.pack(
                ">QQQII", 1, 0, 0, 1024, 131072))
            self.writer = writer
            self.task = asyncio.create_task(self.read(reader, writer))

    @staticmethod
    def write(writer, kind, body):
        writer.write(struct.pack(">IB", 1 + len(body), kind) + body)

    async def read(self, reader, writer):
        try:
            while True:
                length, kind = struct.unpack(">IB", await reader.readexactly(5))
                body = await reader.readexactly(length - 1)
                if kind == RESPONSE:
                    correlation, status = struct.unpack(">QH", body[:10])
                    future = self.waiting.pop(correlation, None)
                    if future and not future.done():
                        future.set_result((status, json.loads(body[10:] or b"{}")))
                elif kind == PING:
                    self.write(writer, PONG, body)
                elif kind == GOODBYE:
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()
        self.writer = None
        waiting, self.waiting = self.waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(Unreachable("the connection ended"))

    async def ask(self, sender, receiver, operation, body, patience=10):
        """(status, JSON); raises `Unreachable`."""
        if not self.writer:
            await self.connect()
        correlation = next(self.correlations)
        future = asyncio.get_running_loop().create_future()
        self.waiting[correlation] = future
        try:
            self.write(self.writer, REQUEST, struct.pack(">Q", correlation) + name(sender)
                       + name(receiver) + name(operation) + json.dumps(body).encode())
            return await asyncio.wait_for(future, patience)
        except asyncio.TimeoutError as error:
            raise Unreachable("no answer in time") from error
        except (OSError, AttributeError) as error:
            raise Unreachable(str(error)) from error
        finally:
            self.waiting.pop(correlation, None)

    async def close(self):
        if self.writer:
            self.writer.close()
            await asyncio.wait([self.task])
