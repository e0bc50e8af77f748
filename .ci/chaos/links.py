"""What lies between two nodes: a TCP relay that can be cut and degraded while it runs."""
import asyncio, socket, struct

PIECE = 16384


class Link:
    """Relays one node's connections to another; `mode` holds for all of them, at once."""

    def __init__(self, dialer, listener, target, random):
        self.dialer, self.listener, self.target, self.random = dialer, listener, target, random
        self.name = "%s-%s" % (dialer, listener)
        self.mode, self.connections, self.changed = "sound", set(), asyncio.Event()
        self.delay = 0  # seconds, each way

    async def open(self):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    def set(self, mode, delay=0):
        """sound, cut, silent, silent-to, silent-from, slow, thin, drip."""
        self.mode, self.delay = mode, delay
        if mode == "cut":
            self.reset()
        self.changed.set()
        self.changed = asyncio.Event()

    def reset(self):
        """Ends what stands with a RST, in the middle of whatever is under way."""
        for writer in list(self.connections):
            end = writer.get_extra_info("socket")
            if end.fileno() < 0:
                continue  # It closed by itself and is not off the list yet.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def accept(self, reader, writer):
        if self.mode == "cut":
            return writer.transport.abort()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return writer.transport.abort()
        self.connections |= {writer, far_writer}
        try:
            await asyncio.gather(self.relay(reader, far_writer, "silent-to"),
                                 self.relay(far_reader, writer, "silent-from"))
        except OSError:
            pass
        finally:
            for end in (writer, far_writer):
                self.connections.discard(end)
                end.transport.abort()

    async def relay(self, reader, writer, silence):
        """Bytes in order, late or in pieces as the mode says; what is read is never dropped."""
        while True:
            data = await reader.read(PIECE)
            if self.delay:
                await asyncio.sleep(self.delay * self.random.uniform(0.5, 1.5))
            while self.mode in ("silent", silence):
                await self.changed.wait()
            if not data:
                writer.write_eof()
                return
            if self.mode == "drip":
                for at in range(0, len(data), 7):
                    writer.write(data[at:at + 7])
                    await writer.drain()
                    await asyncio.sleep(0)
            elif self.mode == "thin":  # 64 KiB a second
                for at in range(0, len(data), 1024):
                    writer.write(data[at:at + 1024])
                    await writer.drain()
                    await asyncio.sleep(1 / 64)
            else:
                writer.write(data)
                await writer.drain()


async def between(region, random):
    """A link for each node that dials: by (dialer, listener)."""
    links, ports = {}, {}
    for node in region.nodes.values():
        if peer := node.dials:
            link = Link(node.name, peer, region.endpoint(peer), random)
            links[node.name, peer] = link
            ports[node.name, peer] = await link.open()
    return links, ports
