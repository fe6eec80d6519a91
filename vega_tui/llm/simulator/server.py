"""The simulated model's server: routes, keys, recorded requests. It decides nothing about what is said."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from typing import Final

import msgspec

from vega_tui.core.messages import JsonObject
from vega_tui.llm.simulator import check, conversation, meter
from vega_tui.llm.simulator.answers import Mind
from vega_tui.llm.simulator.bill import Bill
from vega_tui.llm.simulator.http import HttpReply, HttpRequest, HttpServer
from vega_tui.llm.simulator.reply import Pace, Reply, send_error, send_stream, send_whole
from vega_tui.llm.simulator.scenario import Playing, Scenario

MODELS: Final = ("simulated", "simulated-small")
SIMULATED_KEY: Final = "sk-simulated"
_RECORDED: Final = 200
_RECORDED_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> JsonObject:
        """The body as JSON; empty where there was none."""
        return json.loads(self.raw) if self.raw else {}


class Simulator:
    """A model server on loopback: `async with Simulator() as sim: … sim.url`.

    It speaks at `words_per_s` (0: at once), follows `scenario` where one of its replies fits and plain
    instructions elsewhere. `requests` holds the newest requests, up to 4 MiB, `bill` what was charged for. Keys
    that begin with `sk-bad` are refused, models that begin with `missing` are not found.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        words_per_s: float = 60.0,
        first_word_s: float = 0.3,
        scenario: Scenario | None = None,
    ) -> None:
        self.requests: deque[Recorded] = deque(maxlen=_RECORDED)
        self.pace = Pace(words_per_s=words_per_s, first_word_s=first_word_s)
        self.streaming = 0  # replies on their way
        self.bill = Bill()
        self._host = host
        self._playing = Playing(scenario) if scenario is not None else None
        self._mind = Mind()
        self._meter = meter.Meter()
        self._recorded_bytes = 0
        self._http = HttpServer(self._handle, host, port)

    @property
    def url(self) -> str:
        """The base URL for a client."""
        return f"http://{self._host}:{self._http.port}"

    @property
    def connections(self) -> int:
        """How many connections were ever taken."""
        return self._http.accepted

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        await self._http.start()

    async def aclose(self) -> None:
        """Stop, breaking off replies on their way; idempotent."""
        await self._http.close()

    async def __aenter__(self) -> "Simulator":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def play(self, scenario: Scenario | None) -> None:
        """Follow this scenario from now on, from its beginning; None: plain instructions only."""
        self._playing = Playing(scenario) if scenario is not None else None

    async def _handle(self, request: HttpRequest, http: HttpReply) -> None:
        self._record(request)
        key = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if not key:
            return await send_error(http, 401, "x-api-key header is required")
        if key.startswith("sk-bad"):
            return await send_error(http, 401, "invalid x-api-key")
        route = request.method, request.path
        if route in (("POST", "/v1/messages"), ("POST", "/v1/messages/count_tokens")):
            return await self._messages(request, http)
        if request.method == "GET" and request.path.startswith("/v1/models"):
            return await self._models(request.path.removeprefix("/v1/models").strip("/"), http)
        return await send_error(http, 404, f"no such endpoint: {request.method} {request.path}")

    def _record(self, request: HttpRequest) -> None:
        self.requests.append(Recorded(request.method, request.path, dict(request.headers), request.body))
        while len(self.requests) > 1 and sum(len(kept.raw) for kept in self.requests) > _RECORDED_BYTES:
            self.requests.popleft()

    async def _models(self, wanted: str, http: HttpReply) -> None:
        if not wanted:
            found = [_model(name) for name in MODELS]
            page = {"data": found, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]}
            await http.send(200, json.dumps(page).encode())
        elif wanted in MODELS:
            await http.send(200, json.dumps(_model(wanted)).encode())
        else:
            await send_error(http, 404, f"model: {wanted}")

    async def _messages(self, request: HttpRequest, http: HttpReply) -> None:
        counting = request.path.endswith("/count_tokens")
        try:
            body = msgspec.json.decode(request.body, type=JsonObject)
            wrong = check.complaint(body, request.headers.get("anthropic-version", ""), counting=counting)
        except msgspec.DecodeError as error:
            return await send_error(http, 400, f"the body is not a JSON object: {error}")
        except (AttributeError, KeyError, TypeError):
            return await send_error(http, 400, "the body has not the form of a request")
        if wrong:
            return await send_error(http, 400, wrong)
        if body["model"].startswith("missing"):
            return await send_error(http, 404, f"model: {body['model']}")
        if counting:
            counted = {"input_tokens": meter.count(body)}
            return await http.send(200, json.dumps(counted).encode())
        return await self._speak(body, http)

    async def _speak(self, body: JsonObject, http: HttpReply) -> None:
        reply = self._next(conversation.read(body))
        fault = reply.fault
        if fault is not None and fault.kind == "status":
            return await send_error(http, fault.status, fault.message or f"scripted {fault.status}", fault)
        if fault is not None and fault.kind == "silent":
            await asyncio.get_running_loop().create_future()  # ends when the client leaves
        if fault is not None and fault.kind == "drop":
            return http.drop()
        reply = reply.at_most(body["max_tokens"])
        with self.bill.item(body["model"], self._meter.prompt(body), reply.tokens()) as item:
            if not body.get("stream"):
                return await send_whole(http, reply, item)
            self.streaming += 1
            try:
                await send_stream(http, reply, self.pace, item)
            finally:
                self.streaming -= 1

    def _next(self, seen: conversation.Conversation) -> Reply:
        scripted = self._playing.reply(seen) if self._playing is not None else None
        if scripted is None:
            return self._mind.reply(seen)
        at_once = self.pace.words_per_s == 0
        return msgspec.structs.replace(scripted, words_per_s=0.0) if at_once else scripted


def _model(name: str) -> JsonObject:
    return {
        "type": "model",
        "id": name,
        "display_name": name.replace("-", " ").capitalize(),
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 200_000,
        "max_tokens": 8_192,
    }
