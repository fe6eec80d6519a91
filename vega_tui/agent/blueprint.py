"""The immutable blueprint of an agent, and the system prompt that its processes begin with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """What a process is made from. `model` empty: the session's. `tools`: names, in the order the model sees;
    None: all that there are, those of installed packages included.

    isolation: "process" runs its model calls and tools in an operating-system process of its own, which a kill ends
    for certain; "task" runs them in the host.
    """

    name: str
    model: str = ""
    system: str = ""
    tools: tuple[str, ...] | None = None
    max_turns: int = 0  # 0: the session's
    max_tokens: int = 8192
    temperature: float | None = None
    isolation: Literal["task", "process"] = "task"


def system_prompt(agent: Agent, *, path: str, cwd: Path, direct: bool, extra: str = "") -> str:
    """The agent's own words and what was added to them, then where it stands.

    `direct`: someone talks to it; else it has one task and whoever gave it sees the result only.
    """
    own = agent.system or "You are a capable engineer working in a person's terminal, on their files."
    place = (
        f"You are the process {path}, working in {cwd}. Paths are relative to it. A person watches, and may be "
        "asked before a tool runs; a call they deny tells you so, and you then go another way instead of repeating it."
    )
    duty = (
        "Answer the person directly and briefly, in Markdown."
        if direct
        else "You were given one task by the process above you. Do it, and end with your result as plain text: "
        "it is all that process sees."
    )
    return "\n\n".join(part for part in (own, extra, place, duty) if part)
