"""What the simulated model answers, as data, and its form on the wire: JSON whole or a paced event stream."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from vega_tui.core import clock
from vega_tui.core.ids import new_id
from vega_tui.core.messages import JsonObject, Usage
from vega_tui.llm.simulator.bill import CHARS_PER_CALL, CHARS_PER_TOKEN, Item, tokens
from vega_tui.llm.simulator.http import HttpReply

FaultKind: TypeAlias = Literal["status", "silent", "drop", "cut", "eof", "stall", "bad_event", "error_event"]

ERROR_TYPES: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_JSON_PIECE: Final = 16
_BATCH: Final = 16 * 1024


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a reply goes wrong; `after` counts pieces (words) given before it, `event` the stream's events instead.

    Instead of a reply: `status` answers an HTTP error, `silent` nothing, `drop` closes the connection.
    In the stream: `cut` breaks the connection, `eof` ends it in order but without `message_stop`, `stall` says
    no more, `bad_event` sends JSON that isn't, `error_event` an SSE error.
    """

    kind: FaultKind
    after: int = 0
    event: int | None = None  # 0: before message_start
    status: int = 529
    retry_after_s: float | None = None
    retry_after_ms: float | None = None  # finer, beside or instead
    type: str = ""  # of the error; empty: what fits the status
    code: str = ""  # details.error_code
    message: str = ""
    times: int | None = None  # how often before the reply goes through; None: always


class Call(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tool call of a reply; `raw` is sent as its arguments as it stands, well-formed or not."""

    tool: str
    input: JsonObject = {}
    raw: str | None = None

    def arguments(self) -> str:
        return json.dumps(self.input, ensure_ascii=False) if self.raw is None else self.raw


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the simulated model."""

    text: str = ""
    thinking: str = ""
    redacted: str = ""
    calls: tuple[Call, ...] = ()
    stop_reason: str = ""  # empty: tool_use with calls, else end_turn
    fault: Fault | None = None
    words_per_s: float | None = None  # None: the server's pace; 0: as fast as the socket takes
    first_word_s: float | None = None  # None: the server's; a wait before the first word

    @property
    def ends(self) -> str:
        return self.stop_reason or ("tool_use" if self.calls else "end_turn")

    def tokens(self) -> int:
        """A plausible count of what was said."""
        arguments = sum(len(call.arguments()) + CHARS_PER_CALL for call in self.calls)
        return tokens(len(self.text) + len(self.thinking) + len(self.redacted) + arguments)

    def at_most(self, max_tokens: int) -> "Reply":
        """As much of the reply as so many tokens hold, with the stop reason that says so."""
        if self.tokens() <= max_tokens:
            return self
        left = max_tokens * CHARS_PER_TOKEN
        thinking = self.thinking[:left]
        left -= len(thinking)
        redacted = self.redacted if len(self.redacted) <= left else ""
        left -= len(redacted)
        text = self.text[:left]
        left -= len(text)
        calls: list[Call] = []
        for call in self.calls:
            left -= CHARS_PER_CALL
            if left <= 0:
                break
            said = call.arguments()[:left]
            calls.append(msgspec.structs.replace(call, raw=said))
            left -= len(said)
        return msgspec.structs.replace(
            self, thinking=thinking, redacted=redacted, text=text, calls=tuple(calls), stop_reason="max_tokens"
        )


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a server speaks where a reply doesn't say."""

    words_per_s: float = 60.0
    first_word_s: float = 0.3


def error_body(status: int, message: str, kind: str = "", code: str = "") -> JsonObject:
    """The body of an HTTP error, in the API's form."""
    error: JsonObject = {"type": kind or ERROR_TYPES.get(status, "api_error"), "message": message}
    if code:
        error["details"] = {"error_code": code}
    return {"type": "error", "error": error, "request_id": new_id("req")}


async def send_error(http: HttpReply, status: int, message: str, fault: Fault | None = None) -> None:
    """An HTTP error, with `retry-after` where the fault has one."""
    body = error_body(status, message, fault.type if fault else "", fault.code if fault else "")
    headers: dict[str, str] = {"request-id": str(body["request_id"])}
    if fault is not None and fault.retry_after_s is not None:
        headers["retry-after"] = f"{fault.retry_after_s:g}"
    if fault is not None and fault.retry_after_ms is not None:
        headers["retry-after-ms"] = f"{fault.retry_after_ms:g}"
    await http.send(status, json.dumps(body).encode(), headers)


async def send_whole(http: HttpReply, reply: Reply, item: Item) -> None:
    """The reply as one JSON message."""
    item.whole = True
    content: list[JsonObject] = []
    if reply.thinking:
        content.append({"type": "thinking", "thinking": reply.thinking, "signature": _sign(reply.thinking)})
    if reply.redacted:
        content.append({"type": "redacted_thinking", "data": reply.redacted})
    if reply.text:
        content.append({"type": "text", "text": reply.text})
    for call in reply.calls:
        content.append({"type": "tool_use", "id": new_id("toolu"), "name": call.tool, "input": call.input})
    message = _message(item.model, item.usage) | {"content": content, "stop_reason": reply.ends}
    await http.send(200, json.dumps(message, ensure_ascii=False).encode())


async def send_stream(http: HttpReply, reply: Reply, pace: Pace, item: Item) -> None:
    """The reply as events, at its pace, with its fault where it has one."""
    await http.start_stream({"request-id": new_id("req")})
    if reply.fault is not None and reply.fault.event is not None:
        await _send_until(http, reply, reply.fault, item)
        return
    rate = pace.words_per_s if reply.words_per_s is None else reply.words_per_s
    first = pace.first_word_s if reply.first_word_s is None else reply.first_word_s
    await http.write(_message_start(item) + _event("ping"))
    if rate > 0 and first > 0:
        await asyncio.sleep(first)
    begun, words, held = clock.monotonic(), 0, bytearray()
    for event, is_word, chars in _body_events(reply):
        if is_word:
            if reply.fault is not None and words >= reply.fault.after:
                break
            late = begun + words / rate - clock.monotonic() if rate > 0 else 0.0
            if late > 0:
                await http.write(bytes(held))
                held.clear()
                await asyncio.sleep(late)
            words += 1
        held += event
        item.sent_chars += chars
        if len(held) > _BATCH:
            await http.write(bytes(held))
            held.clear()
    if reply.fault is not None:
        await http.write(bytes(held))
        await _break(http, reply.fault)
        return
    item.whole = True
    await http.write(bytes(held) + _message_delta(reply, item) + _event("message_stop"))


async def _send_until(http: HttpReply, reply: Reply, fault: Fault, item: Item) -> None:
    """Send the events before the one where it goes wrong, at once."""
    body = [(event, chars) for event, _, chars in _body_events(reply)]
    end = [(_message_delta(reply, item), 0), (_event("message_stop"), 0)]
    events = [(_message_start(item), 0), (_event("ping"), 0), *body, *end]
    sent = events[: fault.event]
    item.sent_chars = sum(chars for _, chars in sent)
    item.whole = len(sent) > len(body) + 2
    await http.write(b"".join(event for event, _ in sent))
    if len(sent) < len(events):
        await _break(http, fault)


def _message_start(item: Item) -> bytes:
    return _event("message_start", message=_message(item.model, msgspec.structs.replace(item.prompt, output_tokens=1)))


def _message_delta(reply: Reply, item: Item) -> bytes:
    counts = {"output_tokens": item.answer_tokens}
    return _event("message_delta", delta={"stop_reason": reply.ends, "stop_sequence": None}, usage=counts)


async def _break(http: HttpReply, fault: Fault) -> None:
    match fault.kind:
        case "cut":
            http.drop()
        case "stall":
            await asyncio.get_running_loop().create_future()  # ends when the client leaves
        case "bad_event":
            await http.write(b'event: content_block_delta\ndata: {"type": "content_block_delta", "del\n\n')
        case "error_event":
            body = error_body(fault.status, fault.message or "scripted error", fault.type, fault.code)
            await http.write(_event("error", error=body["error"]))
        case _:
            pass  # eof: the stream ends as if all were said; the others came before it began


def _body_events(reply: Reply) -> Iterator[tuple[bytes, bool, int]]:
    """Events of all blocks; whether it is a piece that takes its time, as a word does; characters it is charged as."""
    index = 0
    for said, kind in ((reply.thinking, "thinking"), (reply.redacted, "redacted_thinking"), (reply.text, "text")):
        if not said:
            continue
        yield from _said_events(index, kind, said)
        index += 1
    for call in reply.calls:
        block: JsonObject = {"type": "tool_use", "id": new_id("toolu"), "name": call.tool, "input": {}}
        yield _event("content_block_start", index=index, content_block=block), False, CHARS_PER_CALL
        arguments = call.arguments()
        for at in range(0, len(arguments), _JSON_PIECE):
            piece = arguments[at : at + _JSON_PIECE]
            delta = {"type": "input_json_delta", "partial_json": piece}
            yield _event("content_block_delta", index=index, delta=delta), True, len(piece)
        yield _event("content_block_stop", index=index), False, 0
        index += 1


def _said_events(index: int, kind: str, said: str) -> Iterator[tuple[bytes, bool, int]]:
    starts: dict[str, JsonObject] = {
        "thinking": {"type": "thinking", "thinking": "", "signature": ""},
        "redacted_thinking": {"type": "redacted_thinking", "data": said},
        "text": {"type": "text", "text": ""},
    }
    sealed = len(said) if kind == "redacted_thinking" else 0
    yield _event("content_block_start", index=index, content_block=starts[kind]), False, sealed
    if kind != "redacted_thinking":
        for word in re.findall(r"\s*\S+|\s+", said):
            delta = {"type": f"{kind}_delta", kind: word}
            yield _event("content_block_delta", index=index, delta=delta), True, len(word)
    if kind == "thinking":
        delta = {"type": "signature_delta", "signature": _sign(said)}
        yield _event("content_block_delta", index=index, delta=delta), False, 0
    yield _event("content_block_stop", index=index), False, 0


def _message(model: str, usage: Usage) -> JsonObject:
    return {
        "id": new_id("msg"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cache_read_input_tokens": usage.cache_read_tokens,
            "cache_creation_input_tokens": usage.cache_write_tokens,
            "service_tier": "standard",
        },
    }


def _sign(thinking: str) -> str:
    return f"simulated-{len(thinking)}"


def _event(name: str, **data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data}, ensure_ascii=False)}\n\n".encode()
