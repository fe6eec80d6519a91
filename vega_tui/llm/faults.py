"""What went wrong with a model call, in one line and with a verdict.

Source of the verdicts: the API's error page and what the SDK was seen to raise under each fault; an error inside
a stream arrives with status 200, so there the error's type decides.
"""

from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from vega_tui.core import clock
from vega_tui.core.errors import ProviderError, Verdict
from vega_tui.core.secrecy import without_userinfo

if TYPE_CHECKING:
    from anthropic import APIStatusError

_BY_TYPE = {
    "rate_limit_error": Verdict.RATE_LIMIT,
    "overloaded_error": Verdict.OVERLOADED,
    "timeout_error": Verdict.TIMEOUT,
    "api_error": Verdict.TEMPORARY,
    "authentication_error": Verdict.AUTHENTICATION,
    "permission_error": Verdict.AUTHENTICATION,
    "billing_error": Verdict.BUDGET,
    "invalid_request_error": Verdict.INVALID_REQUEST,
    "not_found_error": Verdict.INVALID_REQUEST,
    "request_too_large": Verdict.INVALID_REQUEST,
}
_BY_STATUS = {
    401: Verdict.AUTHENTICATION,
    402: Verdict.BUDGET,
    403: Verdict.AUTHENTICATION,
    408: Verdict.TIMEOUT,
    409: Verdict.TEMPORARY,
    429: Verdict.RATE_LIMIT,
    503: Verdict.OVERLOADED,
    504: Verdict.TIMEOUT,
    529: Verdict.OVERLOADED,
}


_MOST_CHARS = 500
_SECRET_CHARS = 4  # a shorter one would blot out ordinary words


def verdict_of_status(status: int) -> Verdict:
    """What an HTTP status says, whatever the body says."""
    return _BY_STATUS.get(status, Verdict.TEMPORARY if status >= 500 else Verdict.INVALID_REQUEST)


def verdict_of_type(kind: str) -> Verdict:
    """What an error's type says; an unknown one is taken for passing."""
    return _BY_TYPE.get(kind, Verdict.TEMPORARY)


def no_key() -> ProviderError:
    """Nothing to sign in with, and no server of one's own either."""
    return ProviderError(
        "no API key: set ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a server of your own, and start again",
        verdict=Verdict.AUTHENTICATION,
        unbilled=True,
    )


def bad_key() -> ProviderError:
    """A key that no header can carry, a pasted one with a line break in it, say."""
    return ProviderError(
        "the API key holds characters that no key has (a line break?); set ANTHROPIC_API_KEY again",
        verdict=Verdict.AUTHENTICATION,
        unbilled=True,
    )


def bad_url(url: str, why: str) -> ProviderError:
    """The address of the server is none."""
    return ProviderError(
        f"{url!r} is no server's address ({why}); check ANTHROPIC_BASE_URL",
        verdict=Verdict.INVALID_REQUEST,
        unbilled=True,
    )


def from_status(error: "APIStatusError", *, where: str, model: str) -> ProviderError:
    """The server answered, and said no."""
    status, said = error.status_code, _one_line(error.api_message or "")
    verdict = verdict_of_type(error.type or "") if status < 400 else verdict_of_status(status)
    retry_after = _retry_after(error.response.headers)
    if status == 429 and retry_after is None and "spend_limit" in (error.error_code or ""):
        verdict = Verdict.BUDGET
    lead = _lead(status, verdict, where=where, model=model, from_api=error.type is not None)
    return ProviderError(
        f"{lead}: {said}" if said else lead, verdict=verdict, status=status, retry_after_s=retry_after, unbilled=True
    )


def _lead(status: int, verdict: Verdict, *, where: str, model: str, from_api: bool) -> str:
    if status == 401:
        return f"{where} refused the API key (401); check ANTHROPIC_API_KEY"
    if status == 403:
        return f"{where} doesn't allow this key to do that (403)"
    if status == 404 and from_api:
        return f"{where} has no model {model!r} (404); choose another with /model"
    if status == 404:
        return f"{where} doesn't speak the Messages API (404); check ANTHROPIC_BASE_URL"
    if status == 413:
        return f"the request is too large for {where} (413); compact the session"
    if verdict is Verdict.BUDGET:
        return f"{where} stopped for a spending limit ({status}); raise it there, waiting won't help"
    if verdict is Verdict.RATE_LIMIT:
        return f"{where} limits the rate of requests (429)"
    if verdict is Verdict.OVERLOADED:
        return f"{where} is overloaded ({status})"
    if verdict is Verdict.TIMEOUT:
        return f"{where} took too long by its own clock ({status})"
    if verdict is Verdict.TEMPORARY:
        return f"{where} failed ({status})"
    return f"{where} refused the request ({status})"


def in_stream(kind: str, message: str, *, where: str, after_delta: bool) -> ProviderError:
    """The server broke off its own reply with an `error` event."""
    return ProviderError(
        f"{where} broke off its answer ({kind}): {_one_line(message)}",
        verdict=verdict_of_type(kind),
        after_delta=after_delta,
    )


def cut(*, where: str, why: str, after_delta: bool) -> ProviderError:
    """The reply ended before `message_stop`."""
    return ProviderError(
        f"the answer from {where} was cut off ({why})", verdict=Verdict.TEMPORARY, after_delta=after_delta
    )


def unreadable(*, where: str, why: str, after_delta: bool) -> ProviderError:
    """The stream carries something that is not the Messages API's JSON."""
    return ProviderError(
        f"{where} sent an event that can't be read ({why})",
        verdict=Verdict.TEMPORARY,
        after_delta=after_delta,
    )


def unreachable(*, where: str, why: str, connected: bool) -> ProviderError:
    """No connection was made, or (`connected`) it broke before the first byte of a reply."""
    return ProviderError(
        f"can't reach {where} ({why}); check the network and ANTHROPIC_BASE_URL",
        verdict=Verdict.TEMPORARY,
        unbilled=not connected,
    )


def silent(*, where: str, connected: bool, seconds: float, after_delta: bool) -> ProviderError:
    """The server didn't connect, or said nothing for too long."""
    what = "said nothing" if connected else "did not take a connection"
    return ProviderError(
        f"{where} {what} for {seconds:g} s",
        verdict=Verdict.TIMEOUT,
        after_delta=after_delta,
        unbilled=not connected,
    )


def not_sent(why: str) -> ProviderError:
    """The request could not be put together: a bad URL, say."""
    return ProviderError(
        f"the request could not be sent ({_one_line(why)})", verdict=Verdict.INVALID_REQUEST, unbilled=True
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        said = headers.get(name)
        if not said:
            continue
        try:
            return max(0.0, float(said) / scale)
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(said).timestamp() - clock.wall())
        except ValueError:
            continue
    return None


def cleaned(error: ProviderError, secrets: Sequence[str]) -> ProviderError:
    """The same fault without keys and passwords, whoever put them into its words: a server may send them back."""
    text = without_userinfo(str(error))
    for secret in secrets:
        if len(secret) >= _SECRET_CHARS:
            text = text.replace(secret, "(key)")
    error.args = (text[:_MOST_CHARS],)  # cut last: of a key that is cut nobody knows that it is one
    return error


def _one_line(text: str) -> str:
    return " ".join(text.split())
