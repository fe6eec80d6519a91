"""The simulated model's mind: a conversation in, its next reply out. Owns no script files and no network."""

from collections import Counter
from typing import Final

import msgspec

from vega_tui.llm.simulator import prose
from vega_tui.llm.simulator.conversation import Conversation, Result
from vega_tui.llm.simulator.instructions import Script, Step, plan, script, script_input
from vega_tui.llm.simulator.reply import Call, Fault, Reply

_SENTENCE: Final = (
    "each worker takes the next small piece, says what it found, and when one of them falls its supervisor "
    "**starts it again** while the `others` carry on"
)
_WORDS: Final = _SENTENCE.split()
_PARAGRAPH: Final = 60
_QUOTED_LINES: Final = 12


class Mind:
    """Follows plain instructions and scripted lines; remembers only how often a `fail` line has failed."""

    def __init__(self) -> None:
        self._failed: Counter[str] = Counter()

    def reply(self, seen: Conversation) -> Reply:
        """The next message: the same for the same conversation, `fail` lines apart."""
        line = script(seen.user)
        if line is not None:
            return msgspec.structs.replace(
                self._scripted(line, seen),
                words_per_s=float(line.rate),
                first_word_s=0.0,
            )
        steps = plan(seen.user)
        if seen.batches < len(steps):
            return _take(steps[seen.batches], seen)
        if seen.results:
            return Reply(text=_summary(seen.results))
        return Reply(text=prose.answer(seen.user))

    def _scripted(self, line: Script, seen: Conversation) -> Reply:
        match line.kind:
            case "stream":
                words = " ".join(_words(line.number)).replace(" \n\n ", "\n\n")
                return Reply(text=f"{words} END{line.word}")
            case "tool" if seen.results:
                return Reply(text=f"tool said: {seen.last_result[:2000]} END")
            case "tool":
                parsed = script_input(line.arguments)
                raw = line.arguments if parsed is None else None
                return Reply(calls=(Call(tool=line.word, input=parsed or {}, raw=raw),))
            case "fail" if self._failed[seen.user] < line.times:
                self._failed[seen.user] += 1
                message, wait = f"scripted {line.number}", 1.0 if line.number in (429, 503, 529) else None
                return Reply(fault=Fault(kind="status", status=line.number, message=message, retry_after_s=wait))
            case "fail":
                return Reply(text="recovered END")
            case "cut":
                return Reply(text=" ".join(_words(line.number)), fault=Fault(kind="cut", after=line.number))
            case "stall":
                return Reply(text="waiting", fault=Fault(kind="stall", after=1))
            case _:
                code = "".join(
                    f"def step_{n}(state: dict) -> dict:\n    return {{**state, 'n': {n}}}\n"
                    for n in range(line.number)
                )
                return Reply(text=f"```python\n{code}```\nEND")


def _words(count: int) -> list[str]:
    words: list[str] = []
    for n in range(count):
        words.append(_WORDS[n % len(_WORDS)])
        if n % _PARAGRAPH == _PARAGRAPH - 1 and n < count - 1:
            words.append("\n\n")
    return words


def _take(step: Step, seen: Conversation) -> Reply:
    missing = sorted({wish.tool for wish in step.wishes if wish.tool not in seen.tools})
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        return Reply(thinking=step.thinking, text=f"I would use {names} for that, but I wasn't given it.")
    if not step.wishes:
        topic = step.thinking.partition(" about ")[2].partition(". ")[0] or "it"
        return Reply(thinking=step.thinking, text=prose.thought_about(topic))
    calls = tuple(Call(tool=wish.tool, input=wish.input(seen.tools[wish.tool])) for wish in step.wishes)
    said = "" if seen.batches else prose.announce([wish.tool for wish in step.wishes])
    return Reply(thinking=step.thinking, text=said, calls=calls)


def _summary(results: tuple[Result, ...]) -> str:
    failed = sum(result.error for result in results)
    parts = [_quote(result) for result in results]
    if len(results) > 1:
        done = f"{len(results)} calls, {failed} of them failed." if failed else f"All {len(results)} calls are done."
        parts.append(done)
    return "\n\n".join(parts)


def _quote(result: Result) -> str:
    lines = result.text.strip("\n").splitlines()
    if not lines:
        return f"`{result.tool}` is done; it said nothing."
    shown = "\n".join(lines[:_QUOTED_LINES])
    more = f"\n\n({len(lines) - _QUOTED_LINES} more lines)" if len(lines) > _QUOTED_LINES else ""
    fence = "````" if "```" in shown else "```"
    lead = f"`{result.tool}` did not work:" if result.error else f"`{result.tool}` gave:"
    return f"{lead}\n\n{fence}\n{shown}\n{fence}{more}"
