import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.tools.kit import Kit
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.rules import parse_rule
from vega_tui.core.words import Decision, Mode
from vega_tui.tools.builtins.fetch import html_to_text
from vega_tui.tools.web import MAX_BYTES

PAGE = (
    "<html><head><title>T</title><style>x{}</style></head><body><h1>Head</h1><p>a &amp; <b>b</b>"
    "<script>evil()</script></p><ul><li>one<li>two</ul></body></html>"
)


async def answer(request: web.Request) -> web.Response:
    match request.path:
        case "/page":
            return web.Response(text=PAGE, content_type="text/html")
        case "/json":
            return web.json_response({"a": 1})
        case "/image":
            return web.Response(body=b"\x89PNG", content_type="image/png")
        case "/big":
            return web.Response(text="x" * (MAX_BYTES + 10))
        case "/loop":
            raise web.HTTPFound("/loop")
        case "/charset":
            return web.Response(body=b"abc", headers={"Content-Type": "text/plain; charset=nonsense"})
        case "/away":
            raise web.HTTPFound(request.query["to"])
        case _:
            return web.Response(status=404, text="not here")


@asynccontextmanager
async def served() -> AsyncGenerator[str]:
    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_pages_come_as_text(tmp_path: Path) -> None:
    async with served() as base:
        kit = Kit(tmp_path)  # yolo: the operator has allowed everything
        page = await kit.call("fetch", url=f"{base}/page")
        assert page.text == f"{base}/page\nHead\na & b\n- one\n- two"
        assert page.fact == "200"
        assert '{"a": 1}' in (await kit.call("fetch", url=f"{base}/json")).text
        assert "abc" in (await kit.call("fetch", url=f"{base}/charset")).text
        missing = await kit.call("fetch", url=f"{base}/nothing")
        assert (missing.error, missing.fact) == (True, "404")
        assert "image/png, not text" in (await kit.call("fetch", url=f"{base}/image")).text
        assert "more than 5 redirects" in (await kit.call("fetch", url=f"{base}/loop")).text
        assert (await kit.call("fetch", url=f"{base}/big")).truncated


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://2130706433:1/",
        "http://0x7f.1:1/",
        "http://127.1:1/",
        "http://0.0.0.0:1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.168.1.1/",
    ],
)
async def test_private_addresses_are_refused_without_a_yes_to_this_call(tmp_path: Path, url: str) -> None:
    kit = Kit(tmp_path, permissions=Permissions(rules=[parse_rule("fetch", "allow", "your rule 1")]))
    observation = await kit.call("fetch", url=url)
    assert observation.error
    assert "private address" in observation.text or "not a canonical IPv4 address" in observation.text


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://x/y",
        "gopher://x",
        "/etc/passwd",
        "",
        "http://",
        "http://[x",
        "http://u:p@127.0.0.1/",
        "http://[fe80::1%25lo]/",
    ],
)
async def test_only_http_is_fetched(tmp_path: Path, url: str) -> None:
    assert (await Kit(tmp_path).call("fetch", url=url)).error


async def test_a_yes_to_one_host_is_no_yes_to_where_it_sends_us(tmp_path: Path) -> None:
    async with served() as base:
        kit = Kit(tmp_path, mode=Mode.MANUAL)
        elsewhere = base.replace("127.0.0.1", "localhost")
        for target, says in (
            (f"{base}/json", '{"a": 1}'),
            (f"{elsewhere}/json", "private address"),
            ("file:///etc/passwd", "only http"),
        ):
            running = asyncio.create_task(kit.call("fetch", url=f"{base}/away?to={target}"))
            await kit.pending()
            kit.queue.decide(kit.queue.pending()[0].id, Decision.ONCE, "you")
            assert says in (await running).text


async def test_a_public_name_that_leads_inside_is_refused_even_when_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def inside(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(2, 1, 6, "", ("169.254.169.254", 80))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", inside)
    assert "private address" in (await Kit(tmp_path).call("fetch", url="http://harmless.example.com/")).text


def test_text_of_broken_html_is_still_text() -> None:
    assert html_to_text("<p>a<script>b") == "a"
    assert html_to_text("</style>a &amp &#0; b").startswith("a & ")
    assert html_to_text("") == ""
