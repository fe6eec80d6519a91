from vega_tui.tui.paint.cells import text_of, width_of
from vega_tui.tui.paint.diff import counts, parse_diff, split_lines, unified_lines

DIFF = """--- a/src/auth/session.py
+++ b/src/auth/session.py
@@ -61,5 +61,6 @@ class Session
 def save(self, response):
-    response.set_cookie("sid", payload)
+    token = sign(payload)
+    response.set_cookie(COOKIE_NAME, token)
     if self.remember:
-        old
         return response
@@ -90,1 +91,1 @@
-a
+b
"""


def test_rows_know_their_numbers_and_file() -> None:
    rows = parse_diff(DIFF)
    assert [(row.kind, row.old, row.new) for row in rows if row.kind in ("add", "rem")] == [
        ("rem", 62, 0),
        ("add", 0, 62),
        ("add", 0, 63),
        ("rem", 64, 0),
        ("rem", 90, 0),
        ("add", 0, 91),
    ]
    assert rows[0].text == "src/auth/session.py"
    assert counts(rows) == "+3 −3"


def test_unified_lines_are_numbered_signed_and_as_wide_as_asked() -> None:
    lines = unified_lines(DIFF, 60)
    texts = [text_of(line).rstrip() for line in lines]
    assert texts[0] == "  61   def save(self, response):"
    assert texts[1] == '  62 −     response.set_cookie("sid", payload)'
    assert "  …" in texts
    assert all(width_of(line) == 60 for line in lines if text_of(line).strip(" …"))


def test_changed_words_are_set_off() -> None:
    rows = unified_lines("--- a/x.txt\n+++ b/x.txt\n@@ -1 +1 @@\n-set the old name\n+set the new name\n", 40)
    assert ("old", "rem bold on rem_hi") in rows[0]
    assert ("new", "add bold on add_hi") in rows[1]
    assert ("set the ", "text on rem_bg") in rows[0]


def test_lines_with_nothing_in_common_have_no_words_set_off() -> None:
    rows = unified_lines("@@ -1 +1 @@\n-aaaa(bbbb)\n+xyz\n", 40)
    assert not [style for row in rows for _, style in row if "_hi" in style]


def test_lines_are_compared_with_the_line_they_became() -> None:
    rows = parse_diff(
        '--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,3 @@\n-response.set("sid", payload)\n-    if self.remember:\n'
        "+token = sign(key)\n+response.set(NAME, token)\n+    if self.remember:\n"
    )
    changed = {row.text.strip(): [row.text[a:b] for a, b in row.changed] for row in rows if row.kind in ("add", "rem")}
    assert changed["token = sign(key)"] == ["token = sign(key)"]
    assert "response" not in "".join(changed["response.set(NAME, token)"])
    assert changed["if self.remember:"] == []


def test_halves_stand_beside_each_other() -> None:
    lines = split_lines(DIFF, 120)
    assert all(width_of(line) == 120 for line in lines if "…" not in text_of(line))
    first = text_of(lines[1])
    assert first[:60].rstrip() == '  62 −     response.set_cookie("sid", payload)'
    assert first[61:].rstrip() == "  62 +     token = sign(payload)"
    assert lines[2][0] == (" " * 60, "text on panel")


def test_long_lines_go_on_below_without_loss() -> None:
    code = "x" * 50
    lines = unified_lines(f"@@ -1 +1 @@\n+{code}\n", 27)
    assert "".join(text_of(line)[7:].rstrip() for line in lines) == code
    assert [text_of(line)[:7] for line in lines] == ["   1 + ", "       ", "       "]


def test_removed_lines_that_look_like_file_heads_are_lines() -> None:
    rows = parse_diff("--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,1 @@\n--- drop the table\n select 1;\n")
    assert [row.kind for row in rows] == ["file", "hunk", "rem", "same"]


def test_hostile_text_in_a_diff_is_shown_not_obeyed() -> None:
    assert "\x1b" not in text_of(unified_lines("@@ -1 +1 @@\n+\x1b[2J\n", 40)[0])
