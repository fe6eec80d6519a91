"""Every operation a face may ask of the host: its name, its parameters, its result. Handlers live in host/."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import msgspec

from vega_tui.core.messages import JsonObject
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.core.records import Alert, Approval, Entry
from vega_tui.core.words import Decision, InputMode, Mode
from vega_tui.protocol.description import Described
from vega_tui.protocol.rows import BranchRow, LifeRow, OpenText, ProcessRow, SessionRow, Snapshot

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Operation(Generic[P, R]):
    """An operation; `changes` is False for those a read-only face may still ask for.

    `agents` is True for the few that a program which an agent started may ask for: what decides, widens, or shows
    other sessions is a person's alone.
    """

    name: str
    params: type[P]
    result: type[R]
    changes: bool = True
    agents: bool = False


class Nothing(msgspec.Struct, frozen=True):
    """No parameters, or nothing to tell."""


class SessionDefaults(msgspec.Struct, frozen=True, kw_only=True):
    """What a new session gets where its opening says nothing: the settings in force where the face was started."""

    model: str = ""
    mode: Mode | None = None
    budget_usd: float | None = None
    max_turns: int | None = None


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """First frame of a connection: who comes, from where, and what its sessions may use."""

    protocol: int
    client: str  # tui, headless, cli, library
    cwd: str = ""
    env: dict[str, str] = {}  # allow-listed; what commands of its sessions run with
    provider: ProviderSettings = ProviderSettings()
    defaults: SessionDefaults = SessionDefaults()
    read_only: bool = False
    can_ask: bool = True  # False: nobody can answer, so what would ask is denied


class Welcome(msgspec.Struct, frozen=True, kw_only=True):
    """The host's answer to hello."""

    protocol: int
    pid: int
    version: str
    started: float
    alive: int = 0  # processes that work or could
    home: str = ""


class SessionOpen(msgspec.Struct, frozen=True, kw_only=True):
    """Open a session: by `session` (id or name), the latest of this folder (`latest`), or a new one."""

    session: str = ""
    latest: bool = False
    name: str = ""
    model: str = ""
    mode: Mode | None = None
    budget_usd: float | None = None
    max_turns: int | None = None
    ephemeral: bool = False
    demo: bool = False


class SessionRef(msgspec.Struct, frozen=True, kw_only=True):
    """A session by id, unique beginning of an id, or name."""

    session: str


class SessionChange(msgspec.Struct, frozen=True, kw_only=True):
    """Change what is given; budget_usd below 0 removes the cap."""

    session: str
    name: str | None = None
    mode: Mode | None = None
    model: str | None = None
    budget_usd: float | None = None


class SessionList(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `cwd` keeps those of one folder."""

    cwd: str = ""
    limit: int = 50


class Sessions(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions, newest first."""

    sessions: tuple[SessionRow, ...]


class Fork(msgspec.Struct, frozen=True, kw_only=True):
    """A new branch at an entry (before it, when it is a user message), made the active one.

    Without `entry` it is the head. `text` of the reply is the user message that was left out, for the prompt.
    """

    session: str
    entry: str = ""
    name: str = ""


class Forked(msgspec.Struct, frozen=True, kw_only=True):
    """The new branch."""

    branch: str
    head: str
    text: str = ""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Find what was said in any session: every word of `text`, the last of which may be unfinished."""

    text: str
    limit: int = 50


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that was found."""

    session: str
    session_name: str
    process: str
    entry: str
    kind: str
    ts: float
    snippet: str  # plain text around the found words


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """Best first."""

    hits: tuple[Hit, ...]


class BranchSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """Go on from another branch's head."""

    session: str
    branch: str


class Subscribe(msgspec.Struct, frozen=True, kw_only=True):
    """Begin (`since` None: a snapshot, then every event after it) or go on after `since` without one.

    `session` empty: all sessions (for `watch` and `approvals`).
    """

    session: str = ""
    since: int | None = None


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """Send deltas of these processes of the subscribed session from now on; replaces the earlier set."""

    session: str
    processes: tuple[str, ...]


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What the watched processes are in the middle of saying; every later delta goes on from there."""

    texts: tuple[OpenText, ...] = ()


class EntriesPage(msgspec.Struct, frozen=True, kw_only=True):
    """The newest `limit` entries of a process's branch before entry `before` (empty: from the head)."""

    session: str
    process: str = "root"
    branch: str = ""  # empty: the active one
    before: str = ""
    limit: int = 200


class Entries(msgspec.Struct, frozen=True, kw_only=True):
    """Oldest first. `more`: there are older ones. `seq`: how far the reading had come."""

    entries: tuple[Entry, ...]
    more: bool = False
    seq: int = 0


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """Say `text` to a process; where a run is under way, `mode` says how it joins.

    `id`: of the input, made by the face (`new_id("i")`), so that the same message sent again is the same input.
    """

    session: str
    text: str
    process: str = "root"
    mode: InputMode = InputMode.STEER
    id: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The input, stored; `delivered` False while it waits in the queue."""

    input: str
    delivered: bool


class InputRef(msgspec.Struct, frozen=True, kw_only=True):
    """An input that still waits."""

    session: str
    input: str


class ProcessRef(msgspec.Struct, frozen=True, kw_only=True):
    """A process. `session` empty: the one that alone has such a path."""

    process: str
    session: str = ""


class ProcessList(msgspec.Struct, frozen=True, kw_only=True):
    """Of one session, or of all that live."""

    session: str = ""


class Processes(msgspec.Struct, frozen=True, kw_only=True):
    """Parents before children."""

    processes: tuple[ProcessRow, ...]
    approvals: tuple[Approval, ...] = ()


class Lives(msgspec.Struct, frozen=True, kw_only=True):
    """A process's incarnations, oldest first; also of one that has ended."""

    lives: tuple[LifeRow, ...]


class ApprovalList(msgspec.Struct, frozen=True, kw_only=True):
    """Those that wait, of one session or all."""

    session: str = ""


class Approvals(msgspec.Struct, frozen=True, kw_only=True):
    """Highest risk first, then oldest."""

    approvals: tuple[Approval, ...]


class Decide(msgspec.Struct, frozen=True, kw_only=True):
    """Settle an approval; the first answer wins. `args` are the operator's edited arguments."""

    approval: str
    decision: Decision
    args: JsonObject | None = None
    feedback: str = ""
    rule: str = ""  # for always: the rule text that was shown
    scope: Literal["session", "project", "user"] = "project"


class RuleList(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that hold in a session, or in a folder."""

    session: str = ""
    cwd: str = ""


class RuleRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rule. `grant` is the id under which a remembered yes is taken back; empty for a rule of a file."""

    rule: str
    effect: str = "allow"
    origin: str = ""
    covers: str = ""  # in words
    grant: str = ""
    scope: str = ""
    scope_id: str = ""
    by: str = ""
    since: float = 0.0
    refused: str = ""  # why it is not applied; empty: it is


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules of files first, then grants, oldest first."""

    rules: tuple[RuleRow, ...] = ()


class GrantRef(msgspec.Struct, frozen=True, kw_only=True):
    """A grant, by its id or a unique beginning of it."""

    grant: str


class AlertRef(msgspec.Struct, frozen=True, kw_only=True):
    """An alert."""

    alert: str


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """Open alerts, newest first."""

    alerts: tuple[Alert, ...]


class DraftSet(msgspec.Struct, frozen=True, kw_only=True):
    """Keep what stands in the prompt, so that it survives."""

    session: str
    text: str


class Branches(msgspec.Struct, frozen=True, kw_only=True):
    """Branches of a session's root process."""

    branches: tuple[BranchRow, ...]


class Models(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of models the session's provider offers."""

    models: tuple[str, ...]


class HostStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The host as `vega-tui host status` shows it."""

    pid: int
    version: str
    protocol: int
    home: str
    started: float
    clients: int
    sessions: int
    processes: int
    working: int
    waiting_approvals: int
    seq: int
    database_bytes: int
    memory_mib: float


class HostStop(msgspec.Struct, frozen=True, kw_only=True):
    """Stop the host. Without `force` it refuses while a run is under way."""

    force: bool = False


HELLO = Operation("hello", Hello, Welcome, changes=False, agents=True)
SESSION_OPEN = Operation("session.open", SessionOpen, SessionRow, changes=False)  # a read-only face joins, no more
SESSION_LIST = Operation("session.list", SessionList, Sessions, changes=False)
SESSION_SHOW = Operation("session.show", SessionRef, Snapshot, changes=False)
SESSION_CHANGE = Operation("session.change", SessionChange, SessionRow)
SESSION_REMOVE = Operation("session.remove", SessionRef, Nothing)
SESSION_CLOSE = Operation("session.close", SessionRef, Nothing)
SESSION_FORK = Operation("session.fork", Fork, Forked)
SESSION_SEARCH = Operation("session.search", Search, Hits, changes=False)
BRANCH_LIST = Operation("branch.list", SessionRef, Branches, changes=False)
BRANCH_SWITCH = Operation("branch.switch", BranchSwitch, Nothing)
SUBSCRIBE = Operation("subscribe", Subscribe, Snapshot, changes=False)
WATCH = Operation("watch", Watch, Watched, changes=False)
ENTRIES_PAGE = Operation("entries.page", EntriesPage, Entries, changes=False)
SEND = Operation("process.send", Send, Sent)
INPUT_WITHDRAW = Operation("input.withdraw", InputRef, Nothing)
PROCESS_LIST = Operation("process.list", ProcessList, Processes, changes=False)
PROCESS_LIVES = Operation("process.lives", ProcessRef, Lives, changes=False)
PROCESS_DESCRIBE = Operation("process.describe", ProcessRef, Described, changes=False)
PROCESS_INTERRUPT = Operation("process.interrupt", ProcessRef, Nothing)
PROCESS_KILL = Operation("process.kill", ProcessRef, Nothing)
PROCESS_RESTART = Operation("process.restart", ProcessRef, Nothing)
PROCESS_TERMINATE = Operation("process.terminate", ProcessRef, Nothing)
PROCESS_PAUSE = Operation("process.pause", ProcessRef, Nothing)
PROCESS_RESUME = Operation("process.resume", ProcessRef, Nothing)
APPROVAL_LIST = Operation("approval.list", ApprovalList, Approvals, changes=False)
APPROVAL_DECIDE = Operation("approval.decide", Decide, Nothing)
RULE_LIST = Operation("rule.list", RuleList, Rules, changes=False)
GRANT_REVOKE = Operation("grant.revoke", GrantRef, Nothing)
ALERT_LIST = Operation("alert.list", ApprovalList, Alerts, changes=False)
ALERT_ACKNOWLEDGE = Operation("alert.acknowledge", AlertRef, Nothing)
DRAFT_SET = Operation("draft.set", DraftSet, Nothing)
MODEL_LIST = Operation("model.list", SessionRef, Models, changes=False)
HOST_STATUS = Operation("host.status", Nothing, HostStatus, changes=False, agents=True)
HOST_STOP = Operation("host.stop", HostStop, Nothing)
