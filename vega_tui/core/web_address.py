"""Where a URL leads, as whoever connects reads it: one normal form for rules, cards and the client. Pure."""

import ipaddress
import re
import socket
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}
_ODD: Final = re.compile(r"[\x00-\x20\x7f\\]")  # clients disagree on what these do in an address
_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Scheme, host in ASCII (a number as a plain address), and port."""

    scheme: str
    host: str
    port: int

    @property
    def label(self) -> str:
        """The host, with its port where that isn't the scheme's own: what a rule and an approval name."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.netloc_host}:{self.port}"

    @property
    def netloc_host(self) -> str:
        """The host as it stands in a URL."""
        return f"[{self.host}]" if ":" in self.host else self.host


def web_address(url: str) -> WebAddress | None:
    """Where `url` leads; None for what isn't http, names a user, or could be read in two ways."""
    try:
        parts = urlsplit(url)
        port, scheme = parts.port, parts.scheme.lower()
        host = _ascii(parts.hostname or "")
    except (ValueError, UnicodeError):
        return None
    if scheme not in _PORTS or not host or "@" in parts.netloc or _ODD.search(url):
        return None
    return WebAddress(scheme, host, _PORTS[scheme] if port is None else port)


def used_url(url: str, address: WebAddress) -> str:
    """`url` with its host in the normal form, so that nobody reads another one out of it."""
    port = "" if address.port == _PORTS[address.scheme] else f":{address.port}"
    return urlsplit(url)._replace(scheme=address.scheme, netloc=address.netloc_host + port, fragment="").geturl()


def without_port(label: str) -> str:
    """The host of a label."""
    host, colon, port = label.rpartition(":")
    return host.strip("[]") if colon and port.isdecimal() and (":" not in host or host[:1] == "[") else label


def is_public(host: str) -> bool:
    """False for a literal address that is not public, or that carries one; True for every name."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return True
    inner = [address]
    if isinstance(address, ipaddress.IPv6Address):
        inner += [found for found in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if found]
        if address in _NAT64 or int(address) >> 32 == 0:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return all(one.is_global and not one.is_multicast for one in inner)


def _ascii(host: str) -> str:
    """The host in ASCII; empty where it is none."""
    if ":" in host:
        return "" if "%" in host else str(ipaddress.IPv6Address(host))
    folded = unicodedata.normalize("NFKC", host).replace("。", ".").casefold().rstrip(".")
    name = folded if folded.isascii() else folded.encode("idna").decode("ascii")
    if not _NAME.fullmatch(name) or ".." in name:
        return ""
    if re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)", name.rpartition(".")[2]):
        return socket.inet_ntoa(socket.inet_aton(name))  # a number in whatever form: 0x7f.1, 2130706433
    return name
