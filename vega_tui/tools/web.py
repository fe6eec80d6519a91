"""GET over http and https that keeps away from addresses only we can reach, behind redirects and names as well."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from vega_tui.core.errors import SandboxViolation, ToolError
from vega_tui.core.secrecy import without_userinfo
from vega_tui.core.web_address import WebAddress, is_public, used_url, web_address

MAX_BYTES: Final = 2_000_000
MAX_REDIRECTS: Final = 5
_TIMEOUT_S: Final = 30.0
_OWN: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")
_TEXTUAL: Final = ("text/", "application/json", "application/xml", "application/javascript", "application/xhtml")


@dataclass(frozen=True, slots=True)
class Page:
    """What came back, from where it came in the end."""

    url: str
    status: int
    kind: str
    text: str
    whole: bool


async def get(url: str, *, approved: WebAddress | None = None) -> Page:
    """One text by GET. `approved` may be reached though it isn't public: the operator has said yes to it.

    That holds for its scheme and port alone, and only for hosts that look private; a public name that leads inside
    is refused all the same. Proxies of the environment are not used: they would hide the address that is reached.

    Raises SandboxViolation for other private addresses, ToolError for all that fails.
    """
    approved = approved if approved and _looks_private(approved.host) else None
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            connector = aiohttp.TCPConnector(resolver=_PublicOnly(approved), use_dns_cache=False)
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
                return await _follow(session, url, approved)
    except TimeoutError:
        raise ToolError(f"{without_userinfo(url)[:200]}: no answer within {_TIMEOUT_S:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise ToolError(without_userinfo(f"{url[:200]}: {error}")) from error


async def _follow(session: aiohttp.ClientSession, url: str, approved: WebAddress | None) -> Page:
    for _ in range(MAX_REDIRECTS + 1):
        url = _checked(url, approved)
        async with session.get(url, allow_redirects=False, headers={"User-Agent": "vega-tui"}) as answer:
            target = answer.headers.get("Location", "")
            if answer.status in (301, 302, 303, 307, 308) and target:
                url = urljoin(url, target)
                continue
            kind = answer.headers.get("Content-Type", "text/plain").lower()
            if not kind.startswith(_TEXTUAL) and "+json" not in kind and "+xml" not in kind:
                raise ToolError(f"{without_userinfo(url)} is {kind}, not text")
            data, whole = await _body(answer)
            return Page(without_userinfo(url), answer.status, kind, _decoded(data, answer.charset), whole)
    raise ToolError(f"{without_userinfo(url)}: more than {MAX_REDIRECTS} redirects")


async def _body(answer: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    data = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        data += chunk
        if len(data) > MAX_BYTES:
            return bytes(data[:MAX_BYTES]), False
    return bytes(data), True


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _checked(url: str, approved: WebAddress | None) -> str:
    """The URL as it is used. Refuses what isn't plain http, and literal addresses that are not public."""
    address = web_address(url)
    if address is None:
        raise SandboxViolation(f"{url[:200]}: only http and https addresses, written plainly, can be fetched")
    if address != approved and not is_public(address.host):
        raise _refused(address.label)
    return used_url(url, address)


def _looks_private(host: str) -> bool:
    """True when an operator who reads the name sees that it is one of their own."""
    return not is_public(host) or "." not in host or host.endswith(_OWN)


def _refused(host: str) -> SandboxViolation:
    return SandboxViolation(f"{host} leads to a private address; the operator can approve it for one call")


class _PublicOnly(AbstractResolver):
    """Gives only public addresses, so that the address that was checked is the one that is reached."""

    def __init__(self, approved: WebAddress | None) -> None:
        self._approved = approved

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        addresses = [(kind, str(where[0])) for kind, _, _, _, where in found]
        own = self._approved is not None and (host, port) == (self._approved.host, self._approved.port)
        if not own and not all(is_public(address) for _, address in addresses):
            raise _refused(host)
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for kind, address in addresses
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""
