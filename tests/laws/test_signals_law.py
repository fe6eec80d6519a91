"""Links, monitors and names against a model: after every step, who lives, who heard what, who is called what."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, invariant, multiple, rule

from tests.fakes.virtual_loop import VirtualLoop
from tests.runtime.kit import BOOM, Puppet, puppet, turns
from vega_tui.runtime import (
    KILL,
    KILLED,
    NOPROC,
    NORMAL,
    Down,
    ExitReason,
    ExitSignal,
    NameTaken,
    NoProcess,
    Ref,
    System,
)

NOTHING: MultipleResults[Any] = multiple()  # Any: it stands for no value of any bundle


@dataclass(eq=False)
class Actor:
    """One process of the model, with the real one beside it."""

    real: Puppet
    trap: bool
    alive: bool = True
    name: str | None = None
    links: set["Actor"] = field(default_factory=set["Actor"])
    watched_by: dict[Ref, "Actor"] = field(default_factory=dict[Ref, "Actor"])
    heard: Counter[str] = field(default_factory=Counter[str])

    def hear(self, message: object) -> None:
        if self.alive:
            self.heard[repr(message)] += 1

    def signal(self, sender: "Actor", reason: ExitReason) -> None:
        if self.alive and self.trap:
            self.hear(ExitSignal(sender.real.pid, reason))
        elif self.alive and reason != NORMAL:
            self.die(reason)

    def die(self, reason: ExitReason) -> None:
        self.alive, self.name = False, None
        links, self.links = self.links, set()
        for other in links:
            other.links.discard(self)
            other.signal(self, reason)
        for ref, watcher in self.watched_by.items():
            watcher.hear(Down(ref, self.real.pid, reason))
        self.watched_by.clear()


class Signals(RuleBasedStateMachine):
    """Every rule does the same to the model and to the real processes."""

    actors: Bundle[Actor] = Bundle("actors")
    monitors: Bundle[tuple[Actor, Actor, Ref]] = Bundle("monitors")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.everyone: list[Actor] = []
        self.system = System()

    def run(self, work: Any) -> Any:  # Any: whatever the rule asks for
        return self.runner.run(work)

    @rule(target=actors, trap=st.booleans())
    def spawn(self, trap: bool) -> Actor:
        actor = Actor(self.run(puppet(self.system, trap_exit=trap)), trap)
        self.everyone.append(actor)
        return actor

    @rule(target=actors, parent=actors, trap=st.booleans())
    def spawn_link(self, parent: Actor, trap: bool) -> Any:  # Any: what Hypothesis calls no new value
        if not parent.alive:
            return NOTHING
        actor = Actor(self.run(puppet(self.system, trap_exit=trap, linked_to=parent.real)), trap)
        actor.links, _ = {parent}, parent.links.add(actor)
        self.everyone.append(actor)
        return actor

    @rule(one=actors, other=actors)
    def link(self, one: Actor, other: Actor) -> None:
        if not one.alive:
            return
        try:
            self.run(one.real.do(lambda me: me.link(other.real.pid)))
        except NoProcess:
            assert not other.alive
            assert not one.trap
            return
        if other.alive and one is not other:
            one.links.add(other)
            other.links.add(one)
        elif not other.alive:
            one.hear(ExitSignal(other.real.pid, NOPROC))

    @rule(one=actors, other=actors)
    def unlink(self, one: Actor, other: Actor) -> None:
        if one.alive:
            self.run(one.real.do(lambda me: me.unlink(other.real.pid)))
            one.links.discard(other)
            other.links.discard(one)

    @rule(target=monitors, one=actors, other=actors)
    def monitor(self, one: Actor, other: Actor) -> Any:  # Any: what Hypothesis calls no new value
        if not one.alive or one is other:
            return NOTHING
        ref = self.run(one.real.monitor(other.real.pid))
        if other.alive:
            other.watched_by[ref] = one
        else:
            one.hear(Down(ref, other.real.pid, NOPROC))
        return one, other, ref

    @rule(monitor=monitors)
    def demonitor(self, monitor: tuple[Actor, Actor, Ref]) -> None:
        one, other, ref = monitor
        if one.alive:
            was_there = self.run(one.real.do(lambda me: me.demonitor(ref, info=True)))
            assert was_there == (other.watched_by.pop(ref, None) is not None)

    @rule(actor=actors, name=st.sampled_from(["x", "y", "z"]))
    def register(self, actor: Actor, name: str) -> None:
        if not actor.alive:
            return
        free = all(other is actor or other.name != name for other in self.everyone)
        try:
            self.run(actor.real.do(lambda me: me.register(name)))
        except NameTaken:
            assert not free or actor.name not in (None, name)
        else:
            assert free
            assert actor.name in (None, name)
            actor.name = name

    @rule(actor=actors, reason=st.sampled_from([NORMAL, BOOM, KILL]))
    def exit(self, actor: Actor, reason: ExitReason) -> None:
        if actor.alive:
            self.run(actor.real.end(reason))
            actor.die(reason)

    @rule(actor=actors)
    def kill(self, actor: Actor) -> None:
        self.system.kill(actor.real.pid)
        if actor.alive:
            actor.die(KILLED)

    @rule(one=actors, other=actors, reason=st.sampled_from([NORMAL, BOOM]))
    def send_exit(self, one: Actor, other: Actor, reason: ExitReason) -> None:
        if one.alive and one is not other:
            self.run(one.real.do(lambda me: me.send_exit(other.real.pid, reason)))
            other.signal(one, reason)

    @invariant()
    def agree(self) -> None:
        self.run(turns(60))
        system = self.system
        assert set(system.table) == {actor.real.pid for actor in self.everyone if actor.alive}
        for actor in self.everyone:
            pid = actor.real.pid
            assert system.links.of(pid) == {other.real.pid for other in actor.links}
            assert Counter(system.monitors.watchers(pid)) == Counter(
                watcher.real.pid for watcher in actor.watched_by.values() if watcher.alive
            )
            assert system.registry.name_of(pid) == actor.name
            if actor.alive:
                assert Counter(map(repr, actor.real.inbox)) == actor.heard

    def teardown(self) -> None:
        self.run(self.system.close())
        self.runner.close()


TestSignals = Signals.TestCase
TestSignals.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)


@pytest.mark.nightly
class TestSignalsAtLength(Signals.TestCase):
    settings = settings(max_examples=2_000, stateful_step_count=60, deadline=None)
