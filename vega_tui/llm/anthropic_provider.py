"""The Provider over the official `anthropic` SDK, its stream read raw. Knows nothing of retries or prices.

The SDK costs a second to import, so it is imported on first use, in a thread; `warm()` does that ahead of need.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from vega_tui.core.errors import ProviderError
from vega_tui.core.messages import Usage
from vega_tui.core.ports import ModelDone, ModelEvent, ModelRequest, ModelSealed, ModelUsage, Provider
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.core.secrecy import know, passwords_in, without_userinfo
from vega_tui.llm import faults, prices
from vega_tui.llm.wire import Reading, decode_event, prompt_params, stream_params

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic

_OFFICIAL = "https://api.anthropic.com"
_DRAIN_S = 1.0
_NO_KEY = "no-key"  # what servers of one's own, which ask for none, are given


class _RawResponse(Protocol):
    http_response: "httpx2.Response"


class AnthropicProvider(Provider):
    """A Messages API server, reached through the SDK.

    Without `base_url` it is the official one, and needs a key. No key is ever part of an error or of `repr`.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str | None = None,
        simulated: bool = False,
        connect_timeout_s: float = 10.0,
        read_timeout_s: float = 60.0,
    ) -> None:
        self.simulated = simulated
        self.base_url = (base_url or _OFFICIAL).rstrip("/")
        self._key = api_key.strip() or (_NO_KEY if base_url else "")
        self._where = without_userinfo(self.base_url)
        self._secrets = (self._key, *passwords_in(self.base_url))
        know(*self._secrets)
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s  # between two bytes: a server's pings keep a long wait alive
        self._client: AsyncAnthropic | None = None
        self._making = asyncio.Lock()
        self._closed = False

    def __repr__(self) -> str:
        return f"AnthropicProvider({self._where!r}, simulated={self.simulated})"

    def settings(self) -> ProviderSettings:
        """What another process needs to reach the same server."""
        return ProviderSettings(api_key=self._key, base_url="" if self.base_url == _OFFICIAL else self.base_url)

    async def warm(self) -> None:
        """Import the SDK (and the prices) and make its client, off the loop's thread. Without a key: nothing."""
        if self._key:
            await self._ready()
            if not self.simulated:
                await asyncio.to_thread(prices.warm)

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Pieces and counts, then exactly one ModelDone.

        Raises ProviderError for every fault, `after_delta` set once a piece was given. What was said before a
        fault is what the caller has taken: nothing is given twice or held back. Wrap it in
        `contextlib.aclosing`, so that leaving early closes the connection at once; cancelling does by itself.
        """
        return self._stream(request)

    async def _stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        client = await self._ready()
        reading, answered, said = Reading(), False, False
        yield ModelUsage(Usage())
        try:
            async with _call(client, request) as response:
                http, answered = response.http_response, True
                async with aclosing(_raw_events(http)) as events:
                    async for data in events:
                        event = decode_event(data)
                        if event.error is not None and event.type == "error":
                            raise faults.in_stream(
                                event.error.type,
                                event.error.message,
                                where=self._where,
                                after_delta=said,
                            )
                        piece = reading.feed(event)
                        if piece is not None:
                            said = said or not isinstance(piece, ModelUsage | ModelSealed)
                            yield piece
                        if reading.finished:
                            await _drain(events)
                            break
                if not reading.finished:
                    raise faults.cut(where=self._where, why=_early_end(http), after_delta=said)
        except Exception as error:
            raise self._explain(error, request.model, answered=answered, after_delta=said) from error
        yield ModelDone(
            content=reading.content(),
            stop_reason=reading.stop_reason or "end_turn",
            usage=reading.usage(),
            model=reading.model or request.model,
            bad_calls=reading.bad_calls,
        )

    async def count_tokens(self, request: ModelRequest) -> int:
        """Tokens of the prompt, as the server counts them."""
        client = await self._ready()
        try:
            counted = await client.messages.count_tokens(**prompt_params(request))
            return counted.input_tokens
        except Exception as error:
            raise self._explain(error, request.model) from error

    async def models(self) -> tuple[str, ...]:
        """Ids of the models the server offers, in its order."""
        client = await self._ready()
        try:
            return tuple([model.id async for model in client.models.list(limit=1000)])
        except Exception as error:
            raise self._explain(error) from error

    async def aclose(self) -> None:
        """Close connections; idempotent. Streams still open end as cut."""
        async with self._making:
            self._closed = True
            client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _ready(self) -> "AsyncAnthropic":
        if self._client is not None:
            return self._client
        if not self._key:
            raise faults.no_key()
        if not (self._key.isascii() and self._key.isprintable()):
            raise faults.bad_key()
        async with self._making:
            if self._closed:
                raise faults.not_sent("this provider is closed")
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._make_client)
                except ValueError as error:
                    raise faults.cleaned(faults.bad_url(self._where, _reason(error)), self._secrets) from None
            return self._client

    def _make_client(self) -> "AsyncAnthropic":
        import httpx2
        from anthropic import AsyncAnthropic, DefaultAioHttpClient

        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("it must begin with http:// or https:// and name a host")
        here = _is_loopback(parts.hostname)
        client = AsyncAnthropic(
            api_key=self._key,
            base_url=self.base_url,
            max_retries=0,  # the SDK's own wait for as long as a server says, unseen
            timeout=httpx2.Timeout(self._read_timeout_s, connect=self._connect_timeout_s, pool=None),
            open_telemetry=False,
            # No proxy of the environment can reach this machine; and plain HTTP to it needs no certificates,
            # which take 40 ms to load.
            http_client=DefaultAioHttpClient(trust_env=not here, verify=not here or parts.scheme == "https"),
        )
        _ = client.messages, client.models  # both import on first touch; let that happen in this thread
        return client

    def _explain(
        self, error: Exception, model: str = "", *, answered: bool = False, after_delta: bool = False
    ) -> ProviderError:
        """Any exception of the SDK, its transports or our decoding, as one of ours that may be shown."""
        fault = self._fault(error, model, answered=answered, after_delta=after_delta)
        return faults.cleaned(fault, self._secrets)

    def _fault(self, error: Exception, model: str, *, answered: bool, after_delta: bool) -> ProviderError:
        if isinstance(error, ProviderError):
            return error
        import anthropic as sdk
        import httpx2 as http

        where = self._where
        if self._closed and answered:
            return faults.cut(where=where, why="this provider was closed", after_delta=after_delta)
        if self._closed:
            return faults.not_sent("this provider is closed")
        if isinstance(error, sdk.APIStatusError):
            return faults.from_status(error, where=where, model=model)
        cause = error.__cause__ or error
        if isinstance(error, sdk.APITimeoutError | http.TimeoutException | TimeoutError):
            connecting = isinstance(cause, http.ConnectTimeout)
            seconds = self._connect_timeout_s if connecting else self._read_timeout_s
            return faults.silent(where=where, connected=not connecting, seconds=seconds, after_delta=after_delta)
        if isinstance(error, sdk.APIConnectionError):
            return faults.unreachable(where=where, why=_root_reason(cause), connected=not _never_connected(cause))
        if isinstance(error, http.TransportError | ConnectionError):
            return faults.cut(where=where, why="the connection broke", after_delta=after_delta)
        if isinstance(error, ValueError) and answered:  # msgspec's, json's and unicode's decoding errors are all of it
            return faults.unreadable(where=where, why=_reason(error), after_delta=after_delta)
        if isinstance(error, http.InvalidURL | http.HTTPError | sdk.APIError | ValueError):
            return faults.not_sent(_reason(error))
        raise error


def _call(client: "AsyncAnthropic", request: ModelRequest) -> "AbstractAsyncContextManager[_RawResponse]":
    # Plain JSON goes in where the SDK has typed dicts, so its overloads can't tell what comes out: we can.
    create: Any = client.messages.with_streaming_response.create
    calling: AbstractAsyncContextManager[_RawResponse] = create(**stream_params(request))
    return calling


async def _raw_events(response: "httpx2.Response") -> AsyncGenerator[str, None]:
    from anthropic import AsyncStream

    async for event in AsyncStream.raw_events(response):
        if event.data and event.data != "[DONE]":  # other servers' mark of an end
            yield event.data


async def _drain(events: AsyncGenerator[str, None]) -> None:
    """Read the end of the body, so that the connection can serve the next call; the message is whole already."""
    with suppress(Exception):
        async with asyncio.timeout(_DRAIN_S):
            async for _ in events:
                pass


def _early_end(response: "httpx2.Response") -> str:
    kind = response.headers.get("content-type", "")
    if kind.startswith("text/event-stream"):
        return "the stream ended before message_stop"
    return f"it answered {kind or 'no content type'}, not an event stream"


def _reason(error: BaseException) -> str:
    said = " ".join(str(error).split())
    return said or type(error).__name__


def _root_reason(error: BaseException) -> str:
    """What the system said at the bottom of it: "Connection refused" rather than a transport's own words."""
    deepest: BaseException | None = error
    while deepest is not None:
        if isinstance(deepest, OSError) and deepest.errno and deepest.strerror:
            return os.strerror(deepest.errno) if deepest.errno > 0 else deepest.strerror
        deepest = deepest.__cause__ or deepest.__context__
    return _reason(error)


def _never_connected(error: BaseException) -> bool:
    """Whether no request can have been sent; httpx's own ConnectError also stands for a server that hung up."""
    from aiohttp import ClientConnectorError

    deepest: BaseException | None = error
    while deepest is not None:
        if isinstance(deepest, ClientConnectorError):
            return True
        deepest = deepest.__cause__ or deepest.__context__
    return False


def _is_loopback(host: str) -> bool:
    """True for a name or address of this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
