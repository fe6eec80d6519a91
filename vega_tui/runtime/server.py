"""A process that answers requests and cleans up behind itself. Source: gen_server(3)."""

from typing import Literal

from vega_tui.runtime.calls import Call, Cast
from vega_tui.runtime.errors import AlreadyStarted, NameTaken
from vega_tui.runtime.process import Ignore, Place, Process
from vega_tui.runtime.reasons import NORMAL, Error, ExitReason, ProcessExit
from vega_tui.runtime.signals import ExitSignal, Pid
from vega_tui.runtime.system import System


class _Stop:
    __slots__ = ("reason",)

    def __init__(self, reason: ExitReason) -> None:
        self.reason = reason


class Server:
    """Subclass and fill in what is needed. `self.process` is there from init on.

    `ChildSpec(start=MyServer.body, args=…, init=True)` puts one under a supervisor: each start makes a new object.
    """

    process: Process

    async def init(self, *args: object) -> Literal[Ignore.IGNORE] | None:
        """Prepare; whoever starts the server waits for this. IGNORE, or an exit, refuses to start."""

    async def handle_call(self, call: Call) -> None:
        """Answer a request with `call.reply(value)`, now or later."""
        call.reply(None)

    async def handle_cast(self, request: object) -> None:
        """Take a request that nobody waits for."""

    async def handle_info(self, message: object) -> None:
        """Take any other message, exit signals of strangers among them."""

    async def terminate(self, reason: ExitReason) -> None:
        """Clean up. Runs before every exit but that by an untrapped signal."""

    @classmethod
    async def body(cls, process: Process, *args: object) -> object:
        """A server of this class as a process's body."""
        return await cls().run(process, *args)

    async def run(self, process: Process, *args: object) -> object:
        """This server as a process's body."""
        self.process = process
        if await self.init(*args) is Ignore.IGNORE:
            return Ignore.IGNORE
        process.ack(self)
        try:
            async for message in process.mailbox:
                await self._take(message)
        except ProcessExit as ending:
            await self.terminate(ending.reason)
            raise
        except Exception as error:
            await self.terminate(Error(error))
            raise
        return None

    async def _take(self, message: object) -> None:
        match message:
            case Call():
                await self.handle_call(message)
            case Cast():
                await self.handle_cast(message.request)
            case ExitSignal(sender=Pid() as sender) if sender is self.process.parent:
                raise ProcessExit(message.reason)
            case _Stop():
                raise ProcessExit(message.reason)
            case _:
                await self.handle_info(message)


async def start_server(
    system: System,
    server: Server,
    *args: object,
    parent: Process | None = None,
    name: str | None = None,
    timeout_s: float | None = None,
) -> Pid | None:
    """The running server's pid, linked to `parent`; None when its init said IGNORE.

    Raises: AlreadyStarted (the name is held), StartError (init failed, or took longer than `timeout_s`).
    """
    above = None if parent is None else parent.pid
    try:
        pid, _ = await system.start(
            server.run, args, parent=above, link=above is not None, name=name, place=Place(), timeout_s=timeout_s
        )
    except NameTaken as taken:
        raise AlreadyStarted(taken.name, taken.pid) from taken
    return pid


async def stop_server(system: System, pid: Pid, reason: ExitReason = NORMAL) -> ExitReason:
    """Let the server terminate with `reason` after what is in its mailbox; the reason that it ended with."""
    gone = system.when_exited(pid)
    system.send(pid, _Stop(reason))
    return await gone
