"""The runtime's first journey: a supervised worker answers, crashes, comes back and is stopped in order."""

from tests.fakes.virtual_loop import run_virtual
from vega_tui.runtime import (
    SHUTDOWN,
    Call,
    ChildSpec,
    Error,
    Exited,
    Process,
    Restarted,
    RuntimeEvent,
    SupervisorSpec,
    System,
)


async def echo(self: Process) -> None:
    async for message in self.mailbox:
        match message:
            case Call(request=BaseException() as error):
                raise error
            case Call():
                message.reply((self.incarnation, message.request))
            case _:
                pass


def test_a_worker_that_crashes_is_back_under_its_name_and_stops_with_the_system() -> None:
    seen: list[RuntimeEvent] = []

    async def main() -> None:
        async with System(on_event=seen.append) as system:
            sup = await system.start_supervisor(
                SupervisorSpec(children=[ChildSpec(id="a", start=echo, name="echo", label="mine")])
            )
            assert await system.call("echo", "hi") == (1, "hi")
            first = sup.child("a").pid
            assert first is not None
            error = ValueError("boom")
            system.exit(first, error)
            assert await system.wait(first) == Error(error)
            await sup.settled()
            assert await system.call("echo", "hi") == (2, "hi")

    run_virtual(main())
    exits = [(event.label, event.reason_text) for event in seen if isinstance(event, Exited)]
    assert exits == [("mine", "ValueError: boom"), ("mine", "shutdown"), (None, SHUTDOWN.text)]
    assert [event.incarnation for event in seen if isinstance(event, Restarted)] == [2]
