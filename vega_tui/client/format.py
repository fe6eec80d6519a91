"""How figures, ages, paths and commands are written, in every face alike. Pure; the words of LOOK.md §4."""

from typing import Final

NONE: Final = "–"
ELLIPSIS: Final = "…"


def money(usd: float, *, sign: bool = True) -> str:
    """`$0.11`; four places below a cent, none from $1,000. `sign` False: for columns with the `$` in their head."""
    head = "$" if sign else ""
    if usd < 0:
        return "−" + money(-usd, sign=sign)
    if 0 < usd < 0.01:
        small = f"{usd:.4f}"
        return head + (small if small != "0.0100" else "0.01")
    if usd >= 999.995:
        return f"{head}{usd:,.0f}"
    return f"{head}{usd:.2f}"


def spent(usd: float, unpriced: bool, *, sign: bool = True) -> str:
    """Money that may leave out calls of unknown price: `unknown`, or `$0.11+`."""
    if not unpriced:
        return money(usd, sign=sign)
    return money(usd, sign=sign) + "+" if usd else "unknown"


def count(number: int) -> str:
    """`1,204`."""
    return f"{number:,}"


def tokens(number: int) -> str:
    """`812`, `18.2k`, `1.2M`."""
    if number < 1000:
        return str(number)
    if number < 999_950:
        return f"{number / 1000:.1f}k"
    return f"{number / 1_000_000:.1f}M"


def size(number: int) -> str:
    """Bytes as `812 B`, `3.1 MB`."""
    value = float(number)
    if value < 1000:
        return f"{number} B"
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"


def percent(part: float, whole: float) -> str:
    """`41 %`; empty where there is no whole."""
    return f"{ratio_percent(part, whole)} %" if whole > 0 else ""


def ratio_percent(part: float, whole: float) -> int:
    """Rounded down, so that 100 means all of it; 0 where there is no whole."""
    return int(part * 100 / whole + 1e-9) if whole > 0 else 0


def age(seconds: float) -> str:
    """An age for a column, four cells where it can: `42s` `12m` `1h 4m` `3d`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    if whole < 86_400:
        hours, minutes = whole // 3600, whole % 3600 // 60
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    return f"{whole // 86_400}d"


def duration(seconds: float) -> str:
    """A duration in a sentence: `0.1 s`, `12 s`, `3 min 4 s`, `2 h 5 min`."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = whole // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def countdown(seconds: float) -> str:
    """What is left, in whole seconds and never below one while it lasts: `4 s`."""
    return f"{max(1, -int(-seconds // 1))} s"


def clock(ts: float, *, exact: bool = False) -> str:
    """Local time of day: `11:42`, exact `11:42:55`."""
    import time

    return time.strftime("%H:%M:%S" if exact else "%H:%M", time.localtime(ts))


def shorten(text: str, cells: int) -> str:
    """The first line of `text`, its end given up."""
    line, _, rest = text.partition("\n")
    if len(line) <= cells and not rest:
        return line
    return line[: max(0, cells - 1)].rstrip() + ELLIPSIS if cells > 0 else ""


def shorten_path(path: str, cells: int) -> str:
    """A path that loses its middle: `…/auth/session.py`; the file's name goes last."""
    if len(path) <= cells:
        return path
    parts = path.split("/")
    kept = parts[-1]
    for part in reversed(parts[:-1]):
        if len(part) + len(kept) + 3 > cells:
            break
        kept = f"{part}/{kept}"
    shown = f"{ELLIPSIS}/{kept}"
    return shown if len(shown) <= cells else ELLIPSIS + kept[-(cells - 1) :] if cells > 1 else ELLIPSIS[:cells]


def shorten_call(words: str, cells: int) -> str:
    """`read src/auth/session.py` with the path's middle given up, anything else with its end."""
    if len(words) <= cells and "\n" not in words:
        return words
    tool, _, rest = words.partition(" ")
    if "/" in rest and " " not in rest:
        return f"{tool} {shorten_path(rest, cells - len(tool) - 1)}"
    return shorten(words, cells)


def plural(number: int, one: str, many: str = "") -> str:
    """`1 call`, `2 calls`."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
