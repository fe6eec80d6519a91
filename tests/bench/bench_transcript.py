"""What streaming costs: CPU per 1,000 tokens by length of what is there, opening long sessions, busy lists.

Run: python -m tests.bench.bench_transcript. Headless: the terminal's bytes are made, but not written.
"""

import asyncio
import time
import tracemalloc

from textual.app import App, ComposeResult

from vega_tui.tui.paint.items import AssistantItem, Item, ToolItem, UserItem
from vega_tui.tui.widgets.transcript import Transcript

PROSE = (
    "The key has **three readers**, and only one goes through `session.load()`. The other two must move "
    "first:\n\n1. **websocket** reads the cookie itself\n2. **admin** keeps a copy\n\n```python\ndef sign(value: "
    'str) -> str:\n    mac = hmac.new(key, value.encode(), "sha256")\n    return mac.hexdigest()\n```\n\n'
)
TOKENS = 400
RATE = 100


class Stage(App[None]):
    """One transcript, or one list."""

    CSS = "Screen { background: #0d1017; }"

    def __init__(self, widget: Transcript) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


def text_of_tokens(tokens: int, kind: str) -> str:
    """About `tokens` tokens of four characters."""
    if kind == "fence":
        return "```python\n" + "value = call(argument, other)  # note\n" * (tokens * 4 // 38)
    if kind == "paragraph":
        return "word and **bold** and `code` again " * (tokens * 4 // 35)
    return PROSE * (tokens * 4 // len(PROSE) + 1)


async def streaming(prefill: int, kind: str) -> tuple[float, float]:
    """CPU ms per 1,000 tokens at 100 tokens/s, and the longest stall of the loop in ms."""
    transcript = Transcript()
    app = Stage(transcript)
    async with app.run_test(size=(120, 40)):
        transcript.set_items([AssistantItem("a", text_of_tokens(prefill, kind), name="root", open=True)])
        await asyncio.sleep(0.3)
        more = text_of_tokens(TOKENS, kind).removeprefix("```python\n")
        worst = 0.0
        before = time.process_time()
        for at in range(TOKENS):
            transcript.extend_open_text("a", more[at * 4 : at * 4 + 4])
            start = time.perf_counter()
            await asyncio.sleep(1 / RATE)
            worst = max(worst, time.perf_counter() - start - 1 / RATE)
        return (time.process_time() - before) * 1e6 / TOKENS, worst * 1e3


def session(messages: int) -> list[Item]:
    """A long session: questions, calls and answers."""
    out: list[Item] = []
    for at in range(messages // 4):
        out.append(UserItem(f"u{at}", "Move session handling to signed cookies.", time="11:30"))
        out.append(ToolItem(f"t{at}", "ok", "read", "src/auth/session.py", "214 lines", "0.1 s"))
        out.append(ToolItem(f"s{at}", "ok", "bash", "make check", "exit 0", "2.1 s", lines=("18 targets",)))
        out.append(AssistantItem(f"a{at}", PROSE, name="root", model="claude", time="11:31"))
    return out


async def opening(messages: int) -> tuple[float, float, float]:
    """CPU ms to open and paint, CPU ms per page scrolled, and MiB held beyond the items."""
    transcript = Transcript()
    app = Stage(transcript)
    items = session(messages)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        tracemalloc.start()
        transcript.set_items(items)
        await pilot.pause()
        held = tracemalloc.get_traced_memory()[0] / 2**20
        tracemalloc.stop()
        before = time.process_time()
        transcript.set_items(items)
        await pilot.pause()
        opened = (time.process_time() - before) * 1e3
        before = time.process_time()
        for _ in range(50):
            transcript.action_scroll_pages(-1)
            await pilot.pause()
        return opened, (time.process_time() - before) * 1e3 / 50, held


def main() -> None:
    """Print the figures."""
    for kind in ("mixed", "fence", "paragraph"):
        for prefill in (1_000, 10_000, 50_000):
            cpu, worst = asyncio.run(streaming(prefill, kind))
            print(
                f"stream {kind:<10} {prefill:>6} tokens there: {cpu:6.0f} ms CPU per 1k tokens, stall {worst:5.1f} ms"
            )
    for messages in (1_000, 10_000):
        opened, page, held = asyncio.run(opening(messages))
        print(f"open {messages:>6} messages: {opened:6.1f} ms CPU, a page {page:4.1f} ms, {held:4.1f} MiB held")


if __name__ == "__main__":
    main()
