"""What the simulated model says where no tool is asked for."""

import re
from typing import Final

_HELP: Final = """\
I'm a **simulated** model: I run on this machine, cost nothing and know nothing. \
Set `ANTHROPIC_API_KEY` to talk to a real one.

I follow plain instructions with real tool calls:

- `list files here`, `read README.md`, `search for TODO in src`
- `run date`, `fetch http://…`
- `write notes.txt: some text`, `edit notes.txt: replace some with more`
- `ask planner to …`, `task tester: …`, `spawn 3 workers to list files here`
- `think about …`, `show me markdown`

Join them with *then*: `list files here, then read README.md`."""

_MARKDOWN: Final = """\
# Markdown, all of it

Some **bold**, some *italic*, some `code`, a [link](https://example.org) and ~~a mistake~~.

## A list

1. First the plan
2. Then the work
   - with a detail
   - and another
3. Then the check

## A table

| Agent | State | Cost |
|---|---|---:|
| planner | done | $0.12 |
| w1 | running | $0.04 |
| w2 | restarted | $0.07 |

> A supervisor's job is to let things fail.

## Some code

```python
def restart(child: str, *, intensity: int = 3) -> bool:
    \"\"\"True while the child may be started again.\"\"\"
    return failures[child] < intensity
```

---

That is all of it."""

_HELLO: Final = re.compile(r"\s*(hello|hi|hey|hallo|good (morning|day|evening)|greetings)\b", re.IGNORECASE)
_MARKDOWN_ASKED: Final = re.compile(r"\bmarkdown\b", re.IGNORECASE)
_SAY: Final = re.compile(r"\s*(?:please )?(?:say|answer|reply)(?: with)?:? (.+)", re.IGNORECASE | re.DOTALL)
_ANNOUNCED: Final = {
    "bash": "I'll run that.",
    "read": "Let me read it.",
    "list": "Let me look.",
    "write": "I'll write the file.",
    "edit": "I'll make the change.",
    "grep": "Let me search.",
    "fetch": "I'll fetch it.",
    "ask": "I'll ask.",
    "task": "I'll hand that on and wait.",
    "spawn": "I'll start them.",
}


def answer(asked: str) -> str:
    """Something helpful to a text that asks for no tool."""
    if _MARKDOWN_ASKED.search(asked):
        return _MARKDOWN
    said = _SAY.fullmatch(asked)
    if said:
        return said[1].strip().strip("\"'`")
    if _HELLO.match(asked):
        return f"Hello! {_HELP}"
    line = " ".join(asked.split())
    short = line if len(line) <= 80 else line[:79] + "…"
    return f"You said: {short}\n\n{_HELP}" if short else _HELP


def announce(tools: list[str]) -> str:
    """A word before the first call."""
    return _ANNOUNCED.get(tools[0], "") if tools else ""


def thought_about(topic: str) -> str:
    """The answer after a thought."""
    return f"I thought about {topic}. As a simulated model I have no opinion, but I took my time over it."
