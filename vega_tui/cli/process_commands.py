"""`vega-tui ps | kill | restart | … | send | approvals …`: about what lives, so only where a host runs."""

from typing import Final

from vega_tui.cli.connect import connected
from vega_tui.cli.setting import Setting
from vega_tui.client.connection import Connection
from vega_tui.client.locate import Presence, find_host
from vega_tui.core import clock
from vega_tui.core.errors import NotFound, UserError
from vega_tui.core.exits import Exit
from vega_tui.core.near import near
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision
from vega_tui.plain import listings
from vega_tui.protocol import operations as ops

_ACTS: Final = {
    "kill": (ops.PROCESS_KILL, "killed"),
    "restart": (ops.PROCESS_RESTART, "restarted"),
    "terminate": (ops.PROCESS_TERMINATE, "terminated"),
    "pause": (ops.PROCESS_PAUSE, "paused"),
    "resume": (ops.PROCESS_RESUME, "resumed"),
}
_SCOPES: Final = {"once": Decision.ONCE, "session": Decision.SESSION, "always": Decision.ALWAYS}


async def ps(setting: Setting) -> Exit:
    """`ps`: the tree of what lives; nothing where no host runs."""
    if _nothing_lives(setting):
        setting.tell([], [f"nothing lives: no host runs for {setting.home.root}"])
        return Exit.OK
    async with connected(setting.home, setting.hello()) as host:
        found = (await host.call(ops.PROCESS_LIST, ops.ProcessList(session=setting.asked.session))).processes
    setting.tell(found, listings.processes(found, clock.wall(), setting.out.width))
    return Exit.OK


async def act(setting: Setting) -> Exit:
    """`kill | restart | terminate | pause | resume PATH`."""
    asked = setting.asked
    operation, done = _ACTS[asked.command]
    async with connected(setting.home, setting.hello()) as host:
        await host.call(operation, ops.ProcessRef(process=asked.target, session=asked.session))
    setting.tell({done: asked.target}, [f"{done} {asked.target}"])
    return Exit.OK


async def send(setting: Setting) -> Exit:
    """`send PATH TEXT`: returns once the message is stored, not when it is answered."""
    asked = setting.asked
    async with connected(setting.home, setting.hello()) as host:
        session = asked.session or await _session_of(host, asked.target)
        sent = await host.call(ops.SEND, ops.Send(session=session, process=asked.target, text=asked.text))
    how = "delivered" if sent.delivered else "stored; it takes it as soon as it can"
    setting.tell(
        {"input": sent.input, "delivered": sent.delivered, "session": session}, [f"{asked.target}: {how} ({session})"]
    )
    return Exit.OK


async def approvals_list(setting: Setting) -> Exit:
    """`approvals list`: what waits, highest risk first."""
    if _nothing_lives(setting):
        setting.tell([], ["nothing waits for an answer"])
        return Exit.OK
    async with connected(setting.home, setting.hello()) as host:
        found = (await host.call(ops.APPROVAL_LIST, ops.ApprovalList(session=setting.asked.session))).approvals
    setting.tell(found, listings.approvals(found, clock.wall(), setting.out.width))
    return Exit.OK


async def approve(setting: Setting) -> Exit:
    """`approvals approve ID`: always adds the rule that the request offers."""
    asked = setting.asked
    decision = _SCOPES[asked.scope]
    async with connected(setting.home, setting.hello()) as host:
        found = await _approval(host, asked.target)
        rule = found.rule if decision is Decision.ALWAYS else ""
        if asked.wider:
            rule = _wider(found, decision)
        if decision is Decision.ALWAYS and not rule:
            raise UserError(f"{found.id}: no rule can be offered for this call; approve it once or for the session")
        await host.call(ops.APPROVAL_DECIDE, ops.Decide(approval=found.id, decision=decision, rule=rule))
    also = f", and from now on: {rule}" if rule else ", and the like in this session" if asked.scope != "once" else ""
    setting.tell(
        {"approval": found.id, "decision": decision.value, "rule": rule},
        [f"{found.process}: {found.tool} {found.summary}: approved{also}"],
    )
    return Exit.OK


def _wider(found: Approval, decision: Decision) -> str:
    """The offered rule that covers more than what ran."""
    if decision is Decision.ONCE:
        raise UserError("--wider says which rule to remember: give --always or --session with it")
    if not found.wider:
        raise UserError(f"{found.id}: no wider rule can be offered for this call; leave --wider out")
    return found.wider


async def deny(setting: Setting) -> Exit:
    """`approvals deny ID`: with words for the model, if wanted."""
    asked = setting.asked
    async with connected(setting.home, setting.hello()) as host:
        found = await _approval(host, asked.target)
        answer = ops.Decide(approval=found.id, decision=Decision.DENY, feedback=asked.text)
        await host.call(ops.APPROVAL_DECIDE, answer)
    setting.tell(
        {"approval": found.id, "decision": "deny", "feedback": asked.text},
        [f"{found.process}: {found.tool} {found.summary}: denied"],
    )
    return Exit.OK


def _nothing_lives(setting: Setting) -> bool:
    return find_host(setting.home).presence in (Presence.ABSENT, Presence.STALE)


async def _session_of(host: Connection, path: str) -> str:
    found = (await host.call(ops.PROCESS_LIST, ops.ProcessList())).processes
    paths = sorted({row.path for row in found})
    those = sorted({row.session for row in found if row.path == path})
    if len(those) == 1:
        return those[0]
    if those:
        raise UserError(f"{len(those)} sessions have a {path}; say which: --session {those[0]}")
    meant = near(path, paths)
    raise NotFound(f"no process {path}; " + (f"did you mean {meant}?" if meant else "vega-tui ps shows what lives"))


async def _approval(host: Connection, target: str) -> Approval:
    """The waiting approval with this id, or with this unique beginning or end of one."""
    waiting = (await host.call(ops.APPROVAL_LIST, ops.ApprovalList())).approvals
    found = [each for each in waiting if each.id == target] or [
        each for each in waiting if target and (each.id.startswith(target) or each.id.endswith(target))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{len(found)} approvals fit {target!r}; give more of the id")
    raise NotFound(f"no approval {target!r} waits; vega-tui approvals shows those that do")
