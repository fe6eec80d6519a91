"""Issue 6, line 9: fetch judges the name that is used and the address that is reached; a yes covers host and port."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web as server

from vega_tui.approvals.facts import facts_of
from vega_tui.approvals.policy import decide
from vega_tui.approvals.rules import Effect, parse_rule
from vega_tui.core.errors import SandboxViolation
from vega_tui.core.web_address import is_public, used_url, web_address, without_port
from vega_tui.core.words import Mode
from vega_tui.tools import web

INSIDE = [
    "http://①②⑦.⓪.⓪.②/", "http://127。0。0。1/", "http://0x7f.1/", "http://2130706433/", "http://0177.0.0.1/",
    "http://127.1/", "http://0/", "http://0.0.0.0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::]/",
    "http://[::7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://169.254.169.254/",
    "http://10.0.0.1./", "http://１２７．０．０．１/", "http://0x7F000001/", "http://localhost./", "http://LOCALHOST/",
    "http://[fe80::1]/", "http://[fd00::1]/", "http://100.64.0.1/", "http://224.0.0.1/", "http://[::ffff:a00:1]:80/",
]  # fmt: skip
TWICE = [
    "http://a@127.0.0.1/", "http://example.org@127.0.0.1/", "http://example.org\\@127.0.0.1/", "http://exa\tmple.org/",
    "http://127.0.0.1\n.example.org/", "http://%31%32%37.0.0.1/", "http://[fe80::1%25eth0]/", "file:///etc/passwd",
    "http://", "http:///x", "ftp://example.org/", "http://a..b/", "http://x:99999/", "http://exa mple.org/", "//x/",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
async def test_an_address_inside_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(SandboxViolation, match="private address"):
        await web.get(url)


@pytest.mark.parametrize("url", TWICE)
async def test_what_could_be_read_in_two_ways_is_refused(url: str) -> None:
    assert web_address(url) is None
    with pytest.raises(SandboxViolation, match="only http"):
        await web.get(url)


@pytest.mark.parametrize(
    ("url", "label", "used"),
    [
        ("http://Example.ORG./a?b#c", "example.org", "http://example.org/a?b"),
        ("https://example.org:443/", "example.org", "https://example.org/"),
        ("http://example.org:8080/", "example.org:8080", "http://example.org:8080/"),
        ("https://раypal.com/", "xn--ypal-43d9g.com", "https://xn--ypal-43d9g.com/"),
        ("http://ｅxample．org/", "example.org", "http://example.org/"),
        ("http://[2606:4700::0:1]:81/", "[2606:4700::1]:81", "http://[2606:4700::1]:81/"),
    ],
)
def test_rules_and_the_client_take_the_same_name(url: str, label: str, used: str, tmp_path: Path) -> None:
    address = web_address(url)
    assert address is not None
    assert (address.label, used_url(url, address)) == (label, used)
    assert facts_of("fetch", "fetch", {"url": url}, cwd=tmp_path, home=tmp_path).host == label


def test_public_addresses_stay_public() -> None:
    assert all(is_public(host) for host in ("1.1.1.1", "2606:4700::1", "example.org", "64:ff9b::101:101"))


@asynccontextmanager
async def serving(where: str = "") -> AsyncGenerator[int]:
    async def answer(request: server.Request) -> server.Response:
        if where:
            return server.Response(status=302, headers={"Location": where})
        return server.Response(text="inside")

    app = server.Application()
    app.router.add_get("/", answer)
    runner = server.AppRunner(app)
    await runner.setup()
    site = server.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_a_yes_covers_the_scheme_host_and_port_that_were_asked_about() -> None:
    async with serving() as asked, serving() as other:
        said = web_address(f"http://127.0.0.1:{asked}/")
        assert (await web.get(f"http://127.0.0.1:{asked}/", approved=said)).text == "inside"
        with pytest.raises(SandboxViolation):
            await web.get(f"http://127.0.0.1:{other}/", approved=said)


@pytest.mark.parametrize("form", ["127.0.0.1", "0x7f.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "localhost"])
async def test_a_redirect_is_judged_as_the_first_address_was(form: str) -> None:
    async with serving() as inside, serving(f"http://{form}:{inside}/") as first:
        url = f"http://127.0.0.1:{first}/"
        with pytest.raises(SandboxViolation, match="private address"):
            await web.get(url, approved=web_address(url))


@pytest.mark.parametrize(
    ("effect", "url", "holds"),
    [
        ("allow", "https://example.org/", True),
        ("allow", "https://example.org:8443/", False),
        ("deny", "https://example.org:8443/", True),
        ("ask", "http://ＥXAMPLE.org./", True),
        ("deny", "https://example.com:8443/", False),
    ],
)
def test_a_rule_that_allows_names_the_port_and_one_that_refuses_holds_for_all(
    effect: Effect, url: str, holds: bool, tmp_path: Path
) -> None:
    facts = facts_of("fetch", "fetch", {"url": url}, cwd=tmp_path, home=tmp_path)
    rules = [parse_rule("fetch(domain:example.org)", effect, "mine 1")]
    wanted = effect if holds else "ask"
    assert decide(facts, Mode.MANUAL, rules).verdict == wanted


def test_a_port_is_taken_off_a_label_and_nothing_else() -> None:
    for label, host in (("a.b:81", "a.b"), ("a.b", "a.b"), ("[2606::1]:81", "2606::1"), ("2606::1", "2606::1")):
        assert without_port(label) == host
