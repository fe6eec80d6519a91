"""Inline Markdown tokens become spans. Text is literal: no markup of ours is ever read from it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vega_tui.tui.paint.cells import Line, clean

if TYPE_CHECKING:
    from markdown_it.token import Token

_MARKS = {"strong": "bold", "em": "italic", "s": "strike"}


def inline_spans(tokens: Sequence["Token"], base: str = "text") -> Line:
    """Spans of one inline token's children. A link shows its text underlined, then its target if it differs."""
    out: Line = []
    marks: list[str] = []
    target = ""
    label = ""
    for token in tokens:
        kind = token.type
        if kind == "text":
            text = clean(token.content)
            label += text
            out.append((text, _style(base, marks, link=bool(target))))
        elif kind == "code_inline":
            label += token.content
            out.append((clean(token.content), "str"))
        elif kind == "softbreak":
            out.append((" ", base))
        elif kind == "hardbreak":
            out.append(("\n", base))
        elif kind == "link_open":
            target, label = clean(str(token.attrGet("href") or "")), ""
        elif kind == "link_close":
            if target and target not in (label, f"mailto:{label}", f"http://{label}", f"https://{label}"):
                out.append((f" ({target})", "faint"))
            target = ""
        elif kind == "image":
            out.append((clean(token.content) or "image", _style(base, [*marks, "underline"], link=False)))
            out.append((f" ({clean(str(token.attrGet('src') or ''))})", "faint"))
        elif kind.endswith("_open") and kind[:-5] in _MARKS:
            marks.append(_MARKS[kind[:-5]])
        elif kind.endswith("_close") and kind[:-6] in _MARKS:
            if _MARKS[kind[:-6]] in marks:
                marks.remove(_MARKS[kind[:-6]])
        elif token.content:
            out.append((clean(token.content), base))
    return out


def _style(base: str, marks: list[str], *, link: bool) -> str:
    role, *rest = base.split()
    if link:
        role = "accent"
        rest = [*rest, "underline"]
    elif "bold" in marks and role == "text":
        role = "strong"
    return " ".join(dict.fromkeys([role, *rest, *marks]))
