"""Numbers as the screen writes them (LOOK.md §4): money, tokens, ages, spans of time, sizes."""


def money(amount: float | None, *, sign: bool = True) -> str:
    """`$0.11`; four places below a cent, none from $1,000; None is `unknown`."""
    if amount is None:
        return "unknown"
    prefix = "$" if sign else ""
    if amount >= 1000:
        return f"{prefix}{amount:,.0f}"
    if 0 < amount < 0.01:
        return f"{prefix}{amount:.4f}"
    return f"{prefix}{amount:.2f}"


def tokens(count: int) -> str:
    """`412`, `18.2k`, `1.3M`."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


def age(seconds: float) -> str:
    """At most five cells without a space, for columns: `42s` `12m` `1h4m` `3d`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    if whole < 86400:
        hours, minutes = divmod(whole // 60, 60)
        return f"{hours}h{minutes}m" if hours < 10 and minutes and minutes < 10 else f"{hours}h"
    return f"{whole // 86400}d"


def duration(seconds: float) -> str:
    """`0.1 s`, `12 s`, `14m 02s`, `2h 05m`: a span of time that counts."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02d}m"


def size(count: int) -> str:
    """`312 B`, `4.2 KB`, `3.1 MB`."""
    if count < 1000:
        return f"{count} B"
    for unit in ("KB", "MB", "GB"):
        count_in = count / 1000
        if count_in < 1000 or unit == "GB":
            return f"{count_in:.1f} {unit}"
        count //= 1000
    return f"{count} B"
