"""The immutable blueprint of an agent, and the system prompt that its processes begin with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

ALL_TOOLS: Final = ("bash", "read", "write", "edit", "list", "grep", "fetch", "ask", "task", "spawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """What a process is made from. `model` empty: the session's. `tools`: names, in the order the model sees."""

    name: str
    model: str = ""
    system: str = ""
    tools: tuple[str, ...] = ALL_TOOLS
    max_turns: int = 0  # 0: the session's
    max_tokens: int = 8192
    temperature: float | None = None


def system_prompt(agent: Agent, *, path: str, cwd: Path, depth: int) -> str:
    """The agent's own words, then where it stands and what its place in the tree means."""
    own = agent.system or "You are a capable engineer working in a person's terminal, on their files."
    place = (
        f"You are the process {path}, working in {cwd}. Paths are relative to it. A person watches, and may be "
        "asked before a tool runs; a call they deny tells you so, and you then go another way instead of repeating it."
    )
    duty = (
        "Answer the person directly and briefly, in Markdown."
        if depth == 0
        else "You were given one task by the process above you. Do it, and end with your result as plain text: "
        "it is all that process sees."
    )
    return "\n\n".join((own, place, duty))
