import asyncio
from itertools import pairwise

from tests.fakes.virtual_loop import run_virtual
from vega_tui.core import clock
from vega_tui.core.events import AnyDelta, TextDelta, ToolOutputDelta
from vega_tui.host.outbox import Outbox
from vega_tui.protocol.frames import decode_delta, decode_frame


class SlowWriter:
    """Takes bytes; `open` lets a drain end."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, bytes]] = []
        self.open = asyncio.Event()
        self.open.set()

    def write(self, data: bytes) -> None:
        self.frames.extend((clock.monotonic(), line) for line in data.splitlines())

    async def drain(self) -> None:
        await self.open.wait()


def said(text: str, process: str = "root") -> TextDelta:
    return TextDelta(session="s", process=process, text=text)


def deltas(writer: SlowWriter) -> list[AnyDelta]:
    frames = [decode_frame(line) for _, line in writer.frames]
    return [decode_delta(frame.params) for frame in frames if frame.method == "delta"]


def test_deltas_of_one_process_are_joined_to_a_frame_per_sixteen_milliseconds() -> None:
    async def main() -> None:
        writer = SlowWriter()
        outbox = Outbox(writer)
        task = asyncio.create_task(outbox.run())
        for n in range(100):
            outbox.delta(said(f"{n} "))
            await asyncio.sleep(0.002)
        outbox.close()
        await task
        assert "".join(delta.text for delta in deltas(writer)) == "".join(f"{n} " for n in range(100))
        times = [at for at, _ in writer.frames]
        assert all(later - earlier >= 0.0159 for earlier, later in pairwise(times[1:-1]))

    run_virtual(main())


def test_a_frame_goes_out_after_the_deltas_that_came_before_it() -> None:
    async def main() -> None:
        writer = SlowWriter()
        outbox = Outbox(writer)
        outbox.delta(said("a"))
        outbox.put(b'{"id":1}\n')
        outbox.delta(said("b"))
        outbox.close()
        await outbox.run()
        assert [decode_frame(line).method or "reply" for _, line in writer.frames] == ["delta", "reply", "delta"]

    run_virtual(main())


def test_a_slow_client_gets_its_deltas_merged_further_and_stalls_nobody() -> None:
    async def main() -> None:
        writer = SlowWriter()
        outbox = Outbox(writer)
        task = asyncio.create_task(outbox.run())
        writer.open.clear()
        for n in range(1000):
            outbox.delta(said("x"))
            outbox.delta(ToolOutputDelta(session="s", process="root", call="c", text="y"))
            if n % 10 == 0:
                await asyncio.sleep(0.005)
        writer.open.set()
        outbox.close()
        await task
        texts = "".join(delta.text for delta in deltas(writer))
        assert (texts.count("x"), texts.count("y")) == (1000, 1000)
        assert len(writer.frames) < 10

    run_virtual(main())


def test_a_client_that_falls_too_far_behind_is_let_go() -> None:
    async def main() -> None:
        writer = SlowWriter()
        outbox = Outbox(writer)
        line = b'{"id":1,"x":"' + b"x" * 1_000_000 + b'"}\n'
        for _ in range(70):
            outbox.put(line)
        assert outbox.overflowed

    run_virtual(main())
