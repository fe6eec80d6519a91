import pytest

from vega_tui.client import format as fmt


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0.00"),
        (0.11, "$0.11"),
        (0.0042, "$0.0042"),
        (0.009999, "$0.01"),
        (0.01, "$0.01"),
        (999.99, "$999.99"),
        (999.996, "$1,000"),
        (12_345.6, "$12,346"),
        (-0.5, "−$0.50"),
    ],
)
def test_money_has_the_places_its_size_needs(usd: float, text: str) -> None:
    assert fmt.money(usd) == text


def test_money_without_a_known_price_says_so() -> None:
    assert fmt.spent(0.0, True) == "unknown"
    assert fmt.spent(0.5, True) == "$0.50+"
    assert fmt.spent(0.5, False, sign=False) == "0.50"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (18_240, "18.2k"), (999_949, "999.9k"), (1_250_000, "1.2M")]
)
def test_tokens_are_counted_in_thousands(number: int, text: str) -> None:
    assert fmt.tokens(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0s"), (42, "42s"), (60, "1m"), (750, "12m"), (3600, "1h"), (3840, "1h 4m"), (3 * 86_400 + 5, "3d")],
)
def test_ages_are_short(seconds: float, text: str) -> None:
    assert fmt.age(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (0.12, "0.1 s"), (9.96, "10 s"), (12, "12 s"), (184, "3 min 4 s"), (7500, "2 h 5 min")],
)
def test_durations_are_spaced(seconds: float, text: str) -> None:
    assert fmt.duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(4.0, "4 s"), (3.2, "4 s"), (0.01, "1 s"), (-1, "1 s")])
def test_a_countdown_never_stands_at_nought_while_it_lasts(seconds: float, text: str) -> None:
    assert fmt.countdown(seconds) == text


def test_percents_reach_100_only_with_the_whole() -> None:
    assert fmt.percent(999, 1000) == "99 %"
    assert fmt.percent(1000, 1000) == "100 %"
    assert fmt.percent(0.57, 1.0) == "57 %"
    assert fmt.percent(1, 0) == ""


def test_sizes_are_in_thousands() -> None:
    assert [fmt.size(number) for number in (812, 3_100_000, 999_999)] == ["812 B", "3.1 MB", "1.0 MB"]


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (30, "src/web/auth/session.py"),
        (20, "…/auth/session.py"),
        (14, "…/session.py"),
        (8, "…sion.py"),
        (1, "…"),
        (0, ""),
    ],
)
def test_paths_lose_their_middle(cells: int, text: str) -> None:
    assert fmt.shorten_path("src/web/auth/session.py", cells) == text


@pytest.mark.parametrize("cells", range(30))
def test_nothing_shortened_is_longer_than_asked(cells: int) -> None:
    assert len(fmt.shorten_path("src/web/auth/session.py", cells)) <= cells
    assert len(fmt.shorten("one two three four five six", cells)) <= cells


def test_calls_lose_the_middle_of_a_path_or_their_end() -> None:
    assert fmt.shorten_call("read src/web/auth/session.py", 24) == "read …/auth/session.py"
    assert fmt.shorten_call("bash make all the things", 12) == "bash make a…"
    assert fmt.shorten_call("bash one\ntwo", 40) == "bash one…"


def test_only_one_is_singular() -> None:
    assert [fmt.plural(n, "call") for n in (0, 1, 1204)] == ["0 calls", "1 call", "1,204 calls"]
