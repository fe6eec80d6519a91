"""The `fetch` tool: one page over http or https, as text."""

from html.parser import HTMLParser
from typing import Annotated, Final

from vega_tui.approvals.wrappers import word_set
from vega_tui.core.messages import Observation
from vega_tui.core.web_address import web_address
from vega_tui.tools.context import ToolContext
from vega_tui.tools.tool import tool


@tool(kind="fetch", one_line=lambda args: str(args["url"]))
async def fetch(
    ctx: ToolContext,
    url: Annotated[str, "The address, http or https."],
) -> Observation:
    """Get a web page or another text by HTTP GET. HTML is given as plain text."""
    from vega_tui.tools import web  # the client is slow to import

    page = await web.get(url, approved=web_address(url) if ctx.approved else None)
    text = html_to_text(page.text) if "html" in page.kind else page.text
    if not page.whole:
        text += f"\n[cut after {web.MAX_BYTES:,} bytes]"
    failed = page.status >= 400
    return Observation(
        text=f"{page.url} answered {page.status}\n{text}" if failed else f"{page.url}\n{text}",
        fact=str(page.status),
        error=failed,
        truncated=not page.whole,
        details={"status": page.status, "url": page.url},
    )


class _Text(HTMLParser):
    _SILENT: Final = word_set("script style noscript template svg head")
    _LINES: Final = word_set("p br div li tr h1 h2 h3 h4 h5 h6 pre section article ul ol table blockquote title")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent += 1
        elif tag in self._LINES:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self._LINES:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def html_to_text(html: str) -> str:
    """The words of a page, a line per block, without scripts and styles."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line and line != "-")
