"""The few signs of the screen, each one cell, with an ASCII form for terminals that need it (LOOK.md §3)."""

import msgspec


class Glyphs(msgspec.Struct, frozen=True):
    """One set of signs. Use `glyphs(ascii_only)` to get the right one."""

    ask: str = "◆"
    fail: str = "✕"
    warn: str = "▲"
    rstr: str = "↻"
    run: str = "●"
    wait: str = "◌"
    paus: str = "‖"
    done: str = "✓"
    kill: str = "∅"
    summary: str = "◇"
    handed: str = "→"
    star: str = "·"
    field_warn: str = "▴"
    mark: str = "✦"
    bar: str = "▌"
    rail: str = "┃"
    line: str = "│"
    open: str = "┊"
    tee: str = "├"
    corner: str = "└"
    fork: str = "╮"
    join: str = "╵"
    hook: str = "╰"
    rule: str = "─"
    heavy: str = "━"
    gap: str = "╌"
    model: str = "━"
    tool: str = "═"
    spent: str = "━"
    held: str = "╍"
    free: str = "─"
    pip: str = "▮"
    pip_free: str = "▯"
    prompt: str = "›"
    writing: str = "▍"
    history: str = "▁▂▃▄▅▆▇"
    ellipsis: str = "…"
    bullet: str = "•"
    dot: str = "·"
    up: str = "↑"
    down: str = "↓"
    times: str = "×"
    minus: str = "−"
    dash: str = "–"
    path: str = "›"
    quote_open: str = "“"
    quote_close: str = "”"
    cursor: str = " "
    thumb: str = "▕"
    box: str = "☐"
    box_done: str = "☑"

    def state(self, word: str) -> str:
        """The sign of a process state (`ASK`, `run`, …); a space for an unknown word."""
        return {
            "ASK": self.ask,
            "FAIL": self.fail,
            "WARN": self.warn,
            "RSTR": self.rstr,
            "run": self.run,
            "wait": self.wait,
            "PAUS": self.paus,
            "done": self.done,
            "kill": self.kill,
        }.get(word, " ")


UNICODE = Glyphs()
ASCII = Glyphs(
    ask="?", fail="x", warn="!", rstr="~", run="*", wait=".", paus="=", done="+", kill="-", summary="o",
    handed=">", star=".", field_warn="!", mark="*", bar="|", rail="|", line="|", open=":", tee="|",
    corner="`", fork="|", join="`", hook="`", rule="-", heavy="=", gap=".", model="=", tool="#", spent="=",
    held="-", free=".", pip="#", pip_free=".", prompt=">", writing="_", history="__--==#", ellipsis="~",
    bullet="*", dot=".", up="^", down="v", times="x", minus="-", dash="-", path=">", quote_open='"',
    quote_close='"', cursor="#", thumb="|", box="-", box_done="+",
)  # fmt: skip

_TO_ASCII = str.maketrans(
    {
        getattr(UNICODE, name): getattr(ASCII, name)
        for name in Glyphs.__struct_fields__
        if len(getattr(UNICODE, name)) == 1 and name != "cursor"
    }
    | dict(zip(UNICODE.history, ASCII.history, strict=True))
)


def glyphs(ascii_only: bool = False) -> Glyphs:
    """The set of signs to paint with."""
    return ASCII if ascii_only else UNICODE


def to_ascii(text: str) -> str:
    """Our own words in ASCII: signs that carry no model text, as hints and notes, replaced by their forms."""
    return text.translate(_TO_ASCII)
