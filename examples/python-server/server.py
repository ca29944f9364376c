"""A session server that speaks resume.v1, written from docs/protocol.md. Sessions are kept in memory."""

import argparse, asyncio, contextlib, json, secrets, signal

from websockets.exceptions import ConnectionClosed
from websockets.legacy import server as websockets
from wire import Invalid, base36, read, read_hello, varint

LARGEST, KEPT, KEPT_BYTES, REMEMBERED = 1 << 20, 10_000, 16 << 20, 86_400
sessions, options = {}, None


async def handle(session, message):
    """The app. Called for one message after the other; the message is acknowledged when it returns."""
    if message == "fail":
        raise RuntimeError("the client asked for it")
    if isinstance(message, str) and message.startswith("wait "):
        await asyncio.sleep(int(message[5:]) / 1000)
    session.send(message)


class Session:
    def __init__(self, sid, principal):
        self.sid, self.principal, self.epoch, self.gen, self.over = sid, principal, secrets.token_hex(4), 0, None
        self.seen = self.done = self.told = 0  # from the client: arrived, handled, acknowledged
        self.tail = self.sent = self.acked = 0  # to the client: numbered, written to a link, acknowledged
        self.inbox, self.outbox, self.bytes, self.link = asyncio.Queue(), {}, 0, None
        self.running, self.more, self.acking, self.expiry = False, asyncio.Event(), None, None
        self.worker = asyncio.create_task(self.work())

    def send(self, message):
        if self.over:
            return
        self.tail += 1
        head = "d" + base36(self.tail) + ":" if isinstance(message, str) else b"d" + varint(self.tail)
        self.outbox[self.tail] = head + message
        self.bytes += len(self.outbox[self.tail])
        self.more.set()
        if len(self.outbox) > KEPT or self.bytes > KEPT_BYTES:
            self.end("overflow", 1013)

    async def work(self):
        """Handles one message after the other, also while the client is away."""
        while not self.over:
            message = await self.inbox.get()
            self.running = True
            try:
                await handle(self, message)
            except Exception as error:
                print(f"a handler failed: {type(error).__name__}", flush=True)
                return self.end("ended", 1011)
            self.running, self.done = False, self.done + 1
            self.acknowledge(250)

    async def pump(self, link, number):
        """Writes the outbox after this number to a link."""
        with contextlib.suppress(ConnectionClosed):
            while self.link is link:
                while number < self.tail and self.link is link:
                    number += 1
                    if frame := self.outbox.get(number):
                        self.sent = max(self.sent, number)
                        await link.send(frame)
                self.more.clear()
                await self.more.wait()

    def acknowledge(self, every=1 << 53):
        """Soon, or at once after so many messages."""
        if self.acking and self.done - self.told >= every:
            self.acking.cancel()
            self.write_acknowledgment()
        elif not self.acking:
            self.acking = asyncio.get_running_loop().call_later(0.05, self.write_acknowledgment)

    def write_acknowledgment(self):
        self.acking, self.told = None, self.done
        if self.link:
            write(self.link, "a" + base36(self.done))

    def acknowledged(self, number):
        if number > self.sent:
            raise Invalid
        while self.acked < number:
            self.acked += 1
            self.bytes -= len(self.outbox.pop(self.acked))

    def attach(self, link, hello):
        if self.link:
            write(self.link, None, (4409, "superseded"))
        if self.expiry:
            self.expiry.cancel()
        resumed, self.gen, self.link = self.gen > 0, hello["gen"], link
        self.sent = max(self.sent, hello["rx"])
        self.acknowledged(hello["rx"])
        self.told = self.done
        welcome = {"ep": self.epoch, "rx": self.done, "seen": self.seen, "resumed": resumed}
        write(link, "w" + json.dumps({**welcome, "ttl": options.ttl, "max": LARGEST, "tail": self.tail}))
        self.more.set()  # ends the pump of the earlier link
        asyncio.create_task(self.pump(link, hello["rx"]))

    def detach(self):
        self.link = None
        self.more.set()
        self.expiry = asyncio.get_running_loop().call_later(options.ttl / 1000, self.end, "expired")

    def end(self, reason, code=None):
        """What is kept now tells a later hello how far the session came."""
        if self.over:
            return
        self.over, link, self.link = reason, self.link, None
        self.outbox.clear()
        self.more.set()
        asyncio.get_running_loop().call_later(REMEMBERED, sessions.pop, self.sid, None)
        if not self.running:
            self.worker.cancel()
        if link and code:
            write(link, "r" + json.dumps(self.refusal(reason)), (code, reason))

    def refusal(self, reason):
        return {"reason": reason, "rx": self.done, **({"tried": self.done + 1} if self.running else {"exact": True})}


def write(link, frame, close=None):
    """In the order of the calls."""

    async def run():
        with contextlib.suppress(ConnectionClosed):
            if frame:
                await link.send(frame)
            if close:
                await link.close(*close)

    asyncio.create_task(run())


def claim(hello, principal):
    """The session of a hello, or a refusal."""
    session = sessions.get(hello["sid"])
    if session is None:
        if "ep" in hello or hello["rx"]:
            return {"reason": "unknown"}
        session = sessions[hello["sid"]] = Session(hello["sid"], principal)
    if session.principal != principal:
        return {"reason": "forbidden"}
    if hello["gen"] <= session.gen:
        return {"reason": "superseded"}
    if hello.get("ep", session.epoch) != session.epoch:
        session.end("store")
    elif not session.acked <= hello["rx"] <= session.tail:
        session.end("range" if hello["rx"] < session.acked else "rewound")
    if session.over:
        session.gen = hello["gen"]
        return session.refusal(session.over)
    return session


async def serve(link):
    session, code = None, 1000
    try:
        while session is None:
            hello = read_hello(await asyncio.wait_for(link.recv(), 5))
            auth = hello.get("auth")
            principal = options.tokens.get(auth) if isinstance(auth, str) else None
            if principal is None:
                return await link.close(4401, "unauthorized")
            found = claim(hello, principal)
            if isinstance(found, Session):
                session = found
                session.attach(link, hello)
                continue
            await link.send("r" + json.dumps(found))
            if found["reason"] in ("forbidden", "superseded"):
                return await link.close(4403 if found["reason"] == "forbidden" else 4409, found["reason"])
        while True:
            frame = await asyncio.wait_for(link.recv(), 45)
            while session.link is link and session.inbox.qsize() >= 1_000:
                await asyncio.sleep(0.01)
            if session.link is not link:
                continue  # the session is over, or another link has it
            kind, number, payload = read(frame)
            if kind != "d":
                session.acknowledged(number)
                if kind == "p":
                    write(link, "q" + base36(session.done))
                elif kind == "b":
                    session.end("ended")
                    write(link, "b" + base36(session.done))
            elif number > session.seen + 1:
                raise Invalid
            elif number <= session.seen:
                session.acknowledge()
            else:
                session.seen = number
                session.inbox.put_nowait(payload)
    except Invalid:
        code = 4400
    except asyncio.TimeoutError:
        code = 1001 if session else 4408
    except ConnectionClosed:
        pass
    finally:
        if session and session.link is link:
            session.detach()
    await link.close(code)


def choose(offered, _):
    return next((name for name in offered if name == "resume.v1" or name.startswith("resume.v1.")), None)


async def main():
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    settings = dict(subprotocols=["resume.v1"], select_subprotocol=choose, max_size=LARGEST + 16, ping_interval=None)
    async with websockets.serve(serve, "127.0.0.1", options.port, compression=None, **settings) as server:
        print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await stopped.wait()
        for session in list(sessions.values()):
            session.end("drained", 1012)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="0: any free one")
    parser.add_argument("--ttl", type=int, default=120_000, help="how long a session lives without a link, in ms")
    parser.add_argument("--token", action="append", default=[], help="secret=principal; may be given several times")
    options = parser.parse_args()
    options.tokens = dict(each.rsplit("=", 1) for each in options.token)
    asyncio.run(main())
