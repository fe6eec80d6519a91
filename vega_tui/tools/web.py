"""GET over http and https that keeps away from addresses only we can reach, behind redirects and names as well."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from vega_tui.core.errors import SandboxViolation, ToolError
from vega_tui.core.secrecy import without_userinfo

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


async def get(url: str, *, private_host: str = "") -> Page:
    """One text by GET. `private_host` may be reached though it isn't public: the operator has approved it.

    That holds only for hosts that look private; a public name that leads inside is refused all the same.

    Raises SandboxViolation for other private addresses, ToolError for all that fails.
    """
    private_host = private_host if _looks_private(private_host) else ""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            connector = aiohttp.TCPConnector(resolver=_PublicOnly(private_host), use_dns_cache=False)
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
                return await _follow(session, url, private_host)
    except TimeoutError:
        raise ToolError(f"{without_userinfo(url)[:200]}: no answer within {_TIMEOUT_S:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise ToolError(without_userinfo(f"{url[:200]}: {error}")) from error


async def _follow(session: aiohttp.ClientSession, url: str, private_host: str) -> Page:
    for _ in range(MAX_REDIRECTS + 1):
        _check(url, private_host)
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


def host_of(url: str) -> str:
    """The host of a URL; empty when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _check(url: str, private_host: str) -> None:
    """Refuse what isn't http, and literal addresses that are not public."""
    host = host_of(url)
    if urlsplit(url).scheme not in ("http", "https") or not host:
        raise SandboxViolation(f"{without_userinfo(url)[:200]}: only http and https addresses can be fetched")
    if host != private_host and not _public(host):
        raise _refused(host)


def _public(host: str) -> bool:
    """False for a literal address that is not public; names are checked when they are resolved."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return True


def _looks_private(host: str) -> bool:
    """True when an operator who reads the name sees that it is one of their own."""
    return not _public(host) or "." not in host or host.endswith(_OWN)


def _refused(host: str) -> SandboxViolation:
    return SandboxViolation(f"{host} leads to a private address; the operator can approve it for one call")


class _PublicOnly(AbstractResolver):
    """Gives only public addresses, so that the address that was checked is the one that is reached."""

    def __init__(self, private_host: str) -> None:
        self._private_host = private_host

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        addresses = [(kind, str(where[0])) for kind, _, _, _, where in found]
        if host != self._private_host and not all(_public(address) for _, address in addresses):
            raise _refused(host)
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for kind, address in addresses
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""
