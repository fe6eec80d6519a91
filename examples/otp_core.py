"""The OTP core alone: processes and supervisors as Erlang has them, no model in sight.

python examples/otp_core.py
"""

import asyncio

from vega_tui.runtime import Call, ChildSpec, Process, Restart, Strategy, SupervisorSpec, System


async def counter(self: Process) -> None:
    """Count what it is sent; a message that is no number is its end."""
    total = 0
    async for message in self.mailbox:
        match message:
            case Call():
                message.reply(total)
            case int():
                total += message
            case _:
                raise ValueError(f"can't count {message!r}")


async def main() -> None:
    """Crash one of two children and see who is started again."""
    spec = SupervisorSpec(
        strategy=Strategy.ONE_FOR_ONE,
        intensity=3,
        period_s=5.0,
        children=[
            ChildSpec(id=name, name=name, start=counter, restart=Restart.PERMANENT, shutdown_s=5.0)
            for name in ("apples", "pears")
        ],
    )
    async with System() as system:
        supervisor = await system.start_supervisor(spec)
        for name in ("apples", "pears"):
            system.send(name, 40)
            system.send(name, 2)
            print(name, await system.call(name, "how many?"))

        first = system.whereis("apples")
        system.send("apples", "a worm")
        if first is not None:
            print("apples ended:", await system.wait(first))
        await supervisor.settled()
        for name in ("apples", "pears"):
            print(name, await system.call(name, "how many?"))
        for child in supervisor.which_children():
            print(child.id, child.state, f"life {child.incarnation}", child.last_reason or "")


if __name__ == "__main__":
    asyncio.run(main())
