"""An open session: its settings, processes and services. Implements what its agents need (agent/surroundings.py)."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.conversation import Conversation
from vega_tui.agent.inputs import InputQueue
from vega_tui.agent.orders import Order, Pause, Resume
from vega_tui.agent.outcome import RunOutcome
from vega_tui.agent.seat import Seat
from vega_tui.agent.surroundings import Batch
from vega_tui.agent.turns import Turns
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.suggest import Offer
from vega_tui.core import events as ev
from vega_tui.core.config import DEFAULT_MODEL, SIMULATED_MODEL
from vega_tui.core.environment import command_environment
from vega_tui.core.errors import ProviderError, StorageError, UserError, Verdict
from vega_tui.core.ids import ROOT
from vega_tui.core.messages import JsonObject, Usage
from vega_tui.core.ports import Bus, Provider, ToolSchema
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.core.records import Approval
from vega_tui.core.secrecy import passwords_in
from vega_tui.core.words import Decision, InputMode, Mode, Risk
from vega_tui.host.board import Board
from vega_tui.host.delegation import Delegation
from vega_tui.host.groups import SessionGroups
from vega_tui.host.providers import Providers
from vega_tui.host.services import Services
from vega_tui.host.toolbench import Toolbench
from vega_tui.host.tree import ProcessTree
from vega_tui.llm.budget import Budget, Price, price_of
from vega_tui.llm.prices import OwnPrice, cost_usd
from vega_tui.llm.retry import RetryPolicy
from vega_tui.protocol.rows import InputRow, SessionRow
from vega_tui.sessions.rows import InputRow as StoredInput
from vega_tui.tools.outcome import BatchOutcome, CallOutcome

_NOBODY_S: Final = 0.2


@dataclass(slots=True)
class Origin:
    """What the face that opened the session brought: it holds until another face opens it again."""

    env: dict[str, str] = field(default_factory=dict[str, str])
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    demo: bool = False


class LiveSession:
    """One open session. Handlers call it; its agents see it as their Surroundings."""

    def __init__(self, services: Services, board: Board, origin: Origin, permissions: Permissions) -> None:
        self.session = board.row.id
        self.bus: Bus = services.bus
        self.board = board
        self.permissions = permissions
        self.budget = Budget(cap_usd=board.row.budget_usd, spent_usd=board.row.cost_usd)
        self.retry = RetryPolicy()
        self.guard = services.guard
        self.tree = ProcessTree(self, services.system, services.sessions, services.supervisions)
        self.groups = SessionGroups(self.session, services.bus, services.system, self.tree.posts)
        self._services = services
        self._origin = origin
        self._provider: Provider | None = None
        self._own_prices: dict[str, OwnPrice] = {}
        self._taking = asyncio.Lock()  # inputs are stored one after the other, so that each is known to the next
        self._asked: dict[str, asyncio.Future[RunOutcome]] = {}
        self._bench = Toolbench(services, self.session, permissions)
        self._model = board.row.model
        self.max_turns = board.row.max_turns  # that one prompt may take, over all processes that work for it

    # --- settings ------------------------------------------------------------------------------------------

    @property
    def row(self) -> SessionRow:
        """The session as it stands."""
        return self.board.session_row()

    @property
    def cwd(self) -> Path:
        """The session's folder."""
        return Path(self.board.row.cwd)

    @property
    def env(self) -> dict[str, str]:
        """What commands of this session run with."""
        return command_environment(self._origin.env)

    async def take_origin(self, origin: Origin, providers: Providers) -> None:
        """Use what a face brought from now on. A model that has no server here is replaced, and that is told."""
        self._origin = origin
        settings = origin.provider
        self._bench.hide((settings.api_key, *passwords_in(settings.base_url)))
        self._own_prices = {name: OwnPrice(**price) for name, price in settings.prices.items()}
        if settings.simulated:
            self._provider = await providers.simulated("demo" if origin.demo else "")
        else:
            self._provider = providers.real(settings.api_key, settings.base_url)
        model = self._model
        if settings.simulated and not model.startswith(SIMULATED_MODEL):
            model = SIMULATED_MODEL
        elif not settings.simulated and model.startswith(SIMULATED_MODEL):
            model = DEFAULT_MODEL
        if model != self._model or settings.simulated != self.board.row.simulated:
            self._model = model
            self.bus.publish(
                ev.SessionChanged(session=self.session, model=model, simulated=settings.simulated, by="host")
            )

    def change(
        self,
        *,
        name: str | None = None,
        mode: Mode | None = None,
        model: str | None = None,
        budget_usd: float | None = None,
        by: str = "you",
    ) -> None:
        """Change what is given; agents see it at their next turn or call. A negative budget lifts the cap."""
        if name is not None and not name.strip():
            raise UserError("a session's name can't be empty")
        if model is not None:
            self._model = model
        if mode is not None:
            self.permissions.mode = mode
        if budget_usd is not None:
            self.budget.cap_usd = None if budget_usd < 0 else budget_usd
        self.bus.publish(
            ev.SessionChanged(session=self.session, name=name, mode=mode, model=model, budget_usd=budget_usd, by=by)
        )

    # --- surroundings of the agents ------------------------------------------------------------------------

    def provider(self) -> Provider:
        """The model's server."""
        if self._provider is None:
            raise ProviderError(
                "no model is set up; export ANTHROPIC_API_KEY and open the session again",
                verdict=Verdict.AUTHENTICATION,
            )
        return self._provider

    def model(self, agent: Agent) -> str:
        """The agent's own model, else the session's."""
        return agent.model or self._model

    def price(self, model: str, prompt_tokens: int) -> Price | None:
        """The most that a token of the model costs after such a prompt."""
        return price_of(model, self._own_prices, prompt_tokens)

    def cost(self, model: str, usage: Usage) -> float | None:
        """What this usage cost."""
        return cost_usd(model, usage, self._own_prices)

    def schemas(self, agent: Agent) -> tuple[ToolSchema, ...]:
        """The agent's tools as the model is told of them."""
        return self._bench.schemas(agent.tools)

    async def run_batch(self, batch: Batch, ended: list[CallOutcome | None]) -> BatchOutcome:
        """Run the calls of one turn through the pipeline."""
        delegate = Delegation(self.tree, self, self.make_seat, batch)
        return await self._bench.run_batch(batch, ended, env=self.env, delegate=delegate)

    def knows_tool(self, name: str) -> None:
        """Raise NotFound, naming what is near, unless there is such a tool."""
        self._services.tools.get(name)

    # --- seats ---------------------------------------------------------------------------------------------

    def make_seat(self, path: str, agent: Agent, task: str, author: str) -> Seat:
        """A new place for an agent with a conversation of its own, begun now."""
        conversation = Conversation(
            self.bus, session=self.session, process=path, stored=self._services.thread(self.session, path)
        )
        inputs = InputQueue(self.bus, session=self.session, process=path)
        seat = Seat(path, agent, conversation, inputs, task=task, author=author, direct=path == ROOT)
        conversation.begin("main")
        return seat

    def restored_seat(self, path: str, agent: Agent, *, branch: str, head: str, inputs: list[InputRow]) -> Seat:
        """A place that an earlier host knew, its conversation where it was."""
        conversation = Conversation(
            self.bus, session=self.session, process=path, stored=self._services.thread(self.session, path)
        )
        conversation.place(branch, head)
        queue = InputQueue(self.bus, session=self.session, process=path)
        queue.restore(inputs)
        return Seat(path, agent, conversation, queue, direct=path == ROOT)

    # --- what a person does --------------------------------------------------------------------------------

    async def send(
        self,
        path: str,
        text: str,
        mode: InputMode,
        author: str = "you",
        *,
        id: str = "",
        answer: asyncio.Future[RunOutcome] | None = None,
        turns: Turns | None = None,
    ) -> InputRow:
        """Store an input and see that it is heard; a process that has ended is started again for it.

        One whose `id` is known is not taken twice. `answer` gets the outcome of the run that hears it, unless
        `forget` comes first. `turns`: of the prompt that it works for. Raises StorageError when it can't be stored;
        it is then not heard later either.
        """
        seat = self._seat(path)
        async with self._taking:
            await self.bus.flush()
            if id and (known := await self._services.store.input(id)) is not None:
                return _taken(known, seat)
            row = seat.inputs.announce(text, mode, author, id)
            if answer is not None:
                self._asked[row.id] = answer
            if turns is not None:
                seat.turns_of[row.id] = turns
            try:
                await self.bus.flush()
            except StorageError:
                seat.inputs.drop(row, "it could not be stored")
                self.forget(row.id)
                seat.turns_of.pop(row.id, None)
                raise
            except asyncio.CancelledError:  # who sent it is gone; what was taken is heard all the same
                seat.inputs.put(row)
                self.tree.wake(seat.path)
                raise
            seat.inputs.put(row)
        if not self.tree.wake(seat.path) and not self.board.processes[seat.path].restart_at:
            await self.tree.restart(seat.path)
        return row

    async def ask(self, path: str, text: str, author: str, turns: Turns | None = None) -> RunOutcome:
        """Say something to a process and wait for the end of the run that hears it."""
        answer: asyncio.Future[RunOutcome] = asyncio.get_running_loop().create_future()
        row = await self.send(path, text, InputMode.QUEUE, author, answer=answer, turns=turns)
        try:
            return await answer
        finally:
            self.forget(row.id)

    def forget(self, input_id: str) -> None:
        """Nobody waits for the answer to this input any more."""
        self._asked.pop(input_id, None)

    def answered(self, input_id: str, outcome: RunOutcome) -> None:
        """Tell whoever waits for the run that heard this input."""
        future = self._asked.get(input_id)
        if future is not None and not future.done():
            future.set_result(outcome)

    def settle_covered(self, grant: ev.GrantAdded) -> None:
        """Answer what a new grant covers too, once each; what is of high risk still waits for a person."""
        self.permissions.add(grant)
        queue = self._services.approvals
        for waiting in queue.pending(self.session):
            if waiting.risk is not Risk.HIGH and self._bench.allows(waiting):
                queue.decide(waiting.id, Decision.ONCE, f"rule {grant.rule}")

    def offer(self, asked: Approval, args: JsonObject) -> Offer | None:
        """What could be remembered of a waiting call with these arguments; None where it isn't asked about then."""
        return self._bench.offer(msgspec.structs.replace(asked, args=args))

    async def order(self, path: str, order: Order) -> None:
        """Have the owner of the process carry it out, and wait until it has. Raises what it raises.

        The owner is who lives there; where nobody does, it is done in that place's stead, before a next life begins.
        """
        seat = self._seat(path)
        system = self._services.system
        while not order.done.done():
            pid = self.tree.pid(path)
            if pid is not None and system.is_alive(pid):
                system.send(pid, order)
                ended = system.when_exited(pid)
                await asyncio.wait((order.done, ended), return_when=asyncio.FIRST_COMPLETED)
            else:
                # Short, since a life that begins meanwhile holds on to its conversation until its end.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_NOBODY_S), seat.conversation.writing():
                        await order.answer(seat, busy=False)
        order.done.result()

    async def pause(self, path: str, by: str = "you") -> None:
        """Let the process and all below it end their turn and then wait. Raises UserError when it has ended."""
        post = self.tree.post(path)
        if post.seat is not None and post.pid is None and not post.restarting:
            raise UserError(f"{post.path} is not running")
        for below in self.tree.below(post.path):
            if below.seat is not None and (below.pid is not None or below.restarting):
                await self.order(below.path, Pause(by))

    async def resume(self, path: str, by: str = "you") -> None:
        """Let it and all below it go on."""
        for post in self.tree.below(self.tree.post(path).path):
            if post.seat is not None:
                await self.order(post.path, Resume(by))

    def tell(self, path: str, make: Callable[[], Order]) -> None:
        """Send an order to each owner, from there downwards, and wait for none; where nobody lives, to nobody."""
        for post in self.tree.below(self.tree.post(path).path):
            if post.seat is not None and post.pid is not None:
                self._services.system.send(post.pid, make())

    def refused(self, event: ev.AnyEvent) -> None:
        """The log refused what a process said: its run stops here, and its next life begins with what is stored."""
        post = self.tree.posts.get(event.process)
        if post is None or post.seat is None:
            return
        why = f"the log refused its {type(event).__name__}: what it said last is lost"
        if post.seat.conversation.lose(why) and post.pid is not None:
            self._services.system.exit(post.pid, StorageError(why))

    def _seat(self, path: str) -> Seat:
        post = self.tree.post(path)
        if post.seat is None:
            raise UserError(f"{post.path} is a supervisor; say it to one of its agents")
        return post.seat

    def root(self) -> Seat:
        """The root agent's place."""
        return self._seat(ROOT)

    async def close(self) -> None:
        """Stop all processes in order."""
        await self.tree.stop()
        self.groups.close()


def _taken(known: StoredInput, seat: Seat) -> InputRow:
    """What to tell a face that sends an input again. Raises UserError when it can't be heard any more."""
    if (known.session, known.process) != (seat.conversation.session, seat.path):
        raise UserError(f"input {known.id} is another message; send it again without an id")
    if known.state == "dropped":
        raise UserError(f"that message is not heard any more: {known.reason}; send it again")
    return msgspec.convert(known, InputRow, from_attributes=True)
