"""Every row of the conformance list has at least one test named by its number."""

import re
from pathlib import Path

ROWS = {
    "L": (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 16, 18, 19, 21, 22, 23, 24, 25, 27),
    "M": (28, 29, 31, 32, 34, 35, 36, 38, 39),
    "S": (40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 56, 57, 59),
    "T": (60, 61, 63, 64, 65, 67, 68, 69, 70, 71, 73, 74),
    "R": (75, 77, 78, 79, 80, 83, 84, 87, 89, 90, 91, 92),
    "I": (93, 94, 97, 100, 101, 102, 103, 104, 107, 108, 110),
    "D": (111, 113, 114, 115, 116, 117, 118, 120, 121, 122, 123, 124, 127),
    "A": (128, 129, 130, 132, 133, 134, 135, 136, 137, 139, 140, 141, 142, 143, 144),
    "G": (145, 146, 147, 148, 149, 150, 151, 153, 154, 156, 157, 159),
    "P": (160, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 174),
}


def test_every_row_has_a_test_named_by_its_number() -> None:
    rows = {f"{letter}{number}" for letter, numbers in ROWS.items() for number in numbers}
    tested: set[str] = set()
    for path in Path(__file__).parent.glob("test_conformance_*.py"):
        tested.update(re.findall(r"^async def test_([A-Z]\d+)_", path.read_text(), re.MULTILINE))
    assert len(rows) == 135
    assert rows - tested == set()
