"""Who is linked to whom, and who monitors whom. Plain state: system.py acts on it. Source: erlang(3)."""

from vega_tui.runtime.signals import Pid, Ref

_NOBODY: frozenset[Pid] = frozenset()


class Links:
    """A symmetric relation: a link has two ends and either may remove it; linking twice is linking once."""

    def __init__(self) -> None:
        self._of: dict[Pid, set[Pid]] = {}

    def link(self, one: Pid, other: Pid) -> None:
        """Join the two; a process is never linked to itself."""
        if one is other:
            return
        self._of.setdefault(one, set()).add(other)
        self._of.setdefault(other, set()).add(one)

    def unlink(self, one: Pid, other: Pid) -> None:
        """Part the two; nothing happens if they were not linked."""
        self._remove(one, other)
        self._remove(other, one)

    def of(self, pid: Pid) -> frozenset[Pid]:
        """Whom `pid` is linked to."""
        return frozenset(self._of.get(pid, _NOBODY))

    def drop(self, pid: Pid) -> list[Pid]:
        """Remove `pid` with all its links; whom it was linked to, oldest process first."""
        others = self._of.pop(pid, None)
        if not others:
            return []
        for other in others:
            self._remove(other, pid)
        return sorted(others, key=_number) if len(others) > 1 else list(others)

    def _remove(self, one: Pid, other: Pid) -> None:
        ends = self._of.get(one)
        if ends is not None:
            ends.discard(other)
            if not ends:
                del self._of[one]


class Monitor:
    """One monitor: who watches whom, and by which name if by name."""

    __slots__ = ("name", "ref", "target", "watcher")

    def __init__(self, ref: Ref, watcher: Pid, target: Pid, name: str | None) -> None:
        self.ref = ref
        self.watcher = watcher
        self.target = target
        self.name = name


class Monitors:
    """One-way, counted: each monitor is its own, fires once, and can be taken back by its ref."""

    def __init__(self) -> None:
        self._by_ref: dict[Ref, Monitor] = {}
        self._on: dict[Pid, dict[Ref, Monitor]] = {}
        self._by: dict[Pid, dict[Ref, Monitor]] = {}

    def add(self, watcher: Pid, target: Pid, name: str | None = None) -> Ref:
        """Let `watcher` watch `target`; the new monitor's ref."""
        ref = Ref()
        monitor = Monitor(ref, watcher, target, name)
        self._by_ref[ref] = monitor
        self._on.setdefault(target, {})[ref] = monitor
        self._by.setdefault(watcher, {})[ref] = monitor
        return ref

    def remove(self, ref: Ref) -> bool:
        """Take a monitor back; False when it has fired already or never was."""
        monitor = self._by_ref.pop(ref, None)
        if monitor is None:
            return False
        _discard(self._on, monitor.target, ref)
        _discard(self._by, monitor.watcher, ref)
        return True

    def drop(self, pid: Pid) -> list[Monitor]:
        """Remove `pid` as watcher and as target; the monitors that fire, oldest first."""
        if not self._by_ref:
            return []
        for ref, monitor in self._by.pop(pid, {}).items():
            del self._by_ref[ref]
            _discard(self._on, monitor.target, ref)
        fired = list(self._on.pop(pid, {}).values())
        for monitor in fired:
            del self._by_ref[monitor.ref]
            _discard(self._by, monitor.watcher, monitor.ref)
        return fired

    def watchers(self, pid: Pid) -> list[Pid]:
        """Who watches `pid`, one entry a monitor."""
        return [monitor.watcher for monitor in self._on.get(pid, {}).values()]

    def watched(self, pid: Pid) -> list[Pid]:
        """Whom `pid` watches, one entry a monitor."""
        return [monitor.target for monitor in self._by.get(pid, {}).values()]


def _discard(table: dict[Pid, dict[Ref, Monitor]], pid: Pid, ref: Ref) -> None:
    refs = table.get(pid)
    if refs is not None:
        refs.pop(ref, None)
        if not refs:
            del table[pid]


def _number(pid: Pid) -> int:
    return pid.number
