"""Carries a scenario out on vega_tui.runtime, on a virtual clock; the trace has the model's words."""

import asyncio

from tests.laws.otp_model import Node, Step
from vega_tui.runtime import (
    AutoShutdown,
    CallFailed,
    ChildNotFound,
    ChildRunning,
    ChildSpec,
    Error,
    Exited,
    ExitReason,
    Other,
    Process,
    Restart,
    RuntimeEvent,
    Shutdown,
    Spawned,
    StartError,
    Strategy,
    Supervisor,
    SupervisorSpec,
    System,
)
from vega_tui.runtime.reasons import NORMAL, SHUTDOWN

HOW: dict[str, ExitReason] = {
    "normal": NORMAL,
    "shutdown": SHUTDOWN,
    "shutdown_x": Shutdown("x"),
    "boom": Error(RuntimeError("boom")),
}


class Ours:
    """One scenario's tree on one system."""

    def __init__(self, system: System, root: Node) -> None:
        self._system = system
        self._root = root
        self._trace: list[str] = []
        self._failing: dict[str, int] = {}
        self._parents = {child.id: node.id for node in root.walk() for child in node.children}
        system.add_listener(self._on_event)

    async def start(self) -> list[str]:
        await self._system.start_supervisor(self._flags(self._root))
        return self._take()

    async def step(self, step: Step) -> list[str]:
        match step.kind:
            case "wait":
                await asyncio.sleep(step.amount)
            case "fail":
                self._failing[step.id] = int(step.amount)
            case "end":
                for worker, how in step.targets:
                    self._end(worker, how)
            case kind:
                await self._by_hand(kind, step.id)
        await self._quiet()
        return self._take()

    def running(self) -> list[str]:
        names = (self._system.registry.name_of(pid) for pid in self._system.table)
        return sorted(name for name in names if name is not None and name != self._root.id)

    def _end(self, worker: str, how: str) -> None:
        pid = self._system.whereis(worker)
        if pid is None:
            return
        if how == "kill":
            self._system.kill(pid)
        else:
            self._system.send(pid, HOW[how])

    async def _by_hand(self, kind: str, child_id: str) -> None:
        sup = self._sup(self._parents[child_id])
        if sup is None:
            return
        try:
            match kind:
                case "terminate":
                    await sup.terminate_child(child_id)
                case "restart":
                    await sup.restart_child(child_id)
                case _:
                    await sup.delete_child(child_id)
            self._trace.append("ok")
        except ChildNotFound:
            self._trace.append("not_found")
        except ChildRunning:
            self._trace.append("running")
        except StartError:
            self._trace.append("start_failed")

    def _sup(self, name: str) -> Supervisor | None:
        pid = self._system.whereis(name)
        return None if pid is None else self._system.supervisor(pid)

    async def _quiet(self) -> None:
        """Wait until nobody does anything: every supervisor has answered and no new fact came of it."""
        while True:
            before = len(self._trace)
            for _ in range(12):
                await asyncio.sleep(0)
            for node in self._root.walk():
                sup = None if node.strategy is None else self._sup(node.id)
                if sup is not None:
                    try:
                        await sup.settled()
                    except CallFailed:
                        pass
            if len(self._trace) == before:
                return

    def _take(self) -> list[str]:
        trace, self._trace = self._trace, []
        return trace

    def _on_event(self, event: RuntimeEvent) -> None:
        name = event.child_id or event.label
        if isinstance(event, Spawned) and event.child_id is not None:
            self._trace.append(f"+{name}")
        elif isinstance(event, Exited):
            self._trace.append(f"-{name}")

    def _flags(self, node: Node) -> SupervisorSpec:
        assert node.strategy is not None
        return SupervisorSpec(
            strategy=Strategy(node.strategy),
            intensity=node.intensity,
            period_s=node.period,
            auto_shutdown=AutoShutdown(node.auto),
            children=[self._spec(child) for child in node.children],
            name=node.id,
            label=node.id,
        )

    def _spec(self, node: Node) -> ChildSpec:
        start = self._worker if node.strategy is None else self._flags(node)
        return ChildSpec(
            id=node.id,
            start=start,
            restart=Restart(node.restart),
            significant=node.significant,
            name=node.id,
            init=node.strategy is None,
        )

    async def _worker(self, process: Process) -> None:
        name = process.name or ""
        if self._failing.get(name, 0) > 0:
            self._failing[name] -= 1
            process.exit(Other("init"))
        process.ack()
        async for message in process.mailbox:
            if isinstance(message, Error):
                raise message.exception
            if isinstance(message, ExitReason):
                process.exit(message)
