"""What two people do to one note at once, and what both would expect; each with the sides swapped, too."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.people import NOTES
from vaultkit.core.text.text_merge import merge_notes

Edits = list[tuple[str, str]]


def after(name: str, edits: Edits) -> str:
    text = NOTES[name]
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def words(text: str) -> Counter[str]:
    return Counter(text.replace(",", " ").replace("]", " ]").split())


def merge(base: str, ours: str, theirs: str) -> str | None:
    merged = merge_notes(base.encode(), ours.encode(), theirs.encode())
    return None if merged is None else merged.decode()


ROW = "| all   | now        |\n"
MARKET = "[[Harbour project]]\n"
NEXT = "## Next meeting\n"
CLEAN: dict[str, tuple[str, Edits, Edits, Edits]] = {
    "three tasks ticked here, one put in between there": (
        "daily",
        [("[ ] Call", "[x] Call"), ("[ ] Shop", "[x] Shop"), ("[ ] Read", "[x] Read")],
        [("- [ ] Shopping\n", "- [ ] Shopping\n- [ ] Bakery\n")],
        [
            ("[ ] Call", "[x] Call"),
            ("- [ ] Shopping\n", "- [x] Shopping\n- [ ] Bakery\n"),
            ("[ ] Read", "[x] Read"),
        ],
    ),
    "the last task ticked by both, one more by one": (
        "daily",
        [("[ ] Run, 5 km\n", "[x] Run, 5 km\n- [ ] Stretch\n")],
        [("[ ] Run", "[x] Run")],
        [("[ ] Run, 5 km\n", "[x] Run, 5 km\n- [ ] Stretch\n")],
    ),
    "ticked with the date a plugin writes, a task between there": (
        "meeting",
        [
            ("[ ] Hansen & Sons", "[x] Hansen & Sons ✅ 2026-03-12"),
            ("[ ] Kranbau Nord", "[x] Kranbau Nord ✅ 2026-03-12"),
        ],
        [("\t- [ ] Kranbau", "\t- [ ] Petersen\n\t- [ ] Kranbau")],
        [
            ("[ ] Hansen & Sons", "[x] Hansen & Sons ✅ 2026-03-12\n\t- [ ] Petersen"),
            ("[ ] Kranbau Nord", "[x] Kranbau Nord ✅ 2026-03-12"),
        ],
    ),
    "a row by each at the end of a table": (
        "meeting",
        [(ROW, f"{ROW}| 4 | ours | Ada | now |\n")],
        [(ROW, f"{ROW}| 4 | theirs | Tom | now |\n| 5 | more | Tom | now |\n")],
        [(ROW, f"{ROW}| 4 | theirs | Tom | now |\n| 5 | more | Tom | now |\n| 4 | ours | Ada | now |\n")],
    ),
    "a log that is not the end of the note": (
        "daily",
        [(MARKET, f"{MARKET}- 10:00 ours\n")],
        [(MARKET, f"{MARKET}- 10:05 theirs\n- 11:00 theirs\n")],
        [(MARKET, f"{MARKET}- 10:05 theirs\n- 11:00 theirs\n- 10:00 ours\n")],
    ),
    "a log with the newest entry first": (
        "daily",
        [("## Log\n\n", "## Log\n\n- 10:00 ours\n")],
        [("## Log\n\n", "## Log\n\n- 10:05 theirs\n")],
        [("## Log\n\n", "## Log\n\n- 10:05 theirs\n- 10:00 ours\n")],
    ),
    "a log of lines with their time": (
        "daily",
        [("20:30 film\n", "20:30 film\n22:00 ours\n")],
        [("20:30 film\n", "20:30 film\n22:10 theirs\n")],
        [("20:30 film\n", "20:30 film\n22:10 theirs\n22:00 ours\n")],
    ),
    "an item below the last one here, one beside its parent there": (
        "project",
        [("Sieve it\n", "Sieve it\n        - [ ] deeper\n")],
        [("Sieve it\n", "Sieve it\n    - [ ] further out\n")],
        [("Sieve it\n", "Sieve it\n        - [ ] deeper\n    - [ ] further out\n")],
    ),
    "a section by each at one place": (
        "meeting",
        [(NEXT, f"## Ours\n\nwords\n\n{NEXT}")],
        [(NEXT, f"## Theirs\n\nother\n\n{NEXT}")],
        [(NEXT, f"## Theirs\n\nother\n\n## Ours\n\nwords\n\n{NEXT}")],
    ),
    "one section begun by both": (
        "meeting",
        [(NEXT, f"## Risks\n\n- ours\n\n{NEXT}")],
        [(NEXT, f"## Risks\n\n- theirs\n\n{NEXT}")],
        [(NEXT, f"## Risks\n\n- theirs\n- ours\n\n{NEXT}")],
    ),
    "one day begun by both at the end": (
        "daily",
        [("20:30 film\n", "20:30 film\n\n## 15 March\n\nours\n")],
        [("20:30 film\n", "20:30 film\n\n## 15 March\n\ntheirs\n\nmore\n")],
        [("20:30 film\n", "20:30 film\n\n## 15 March\n\ntheirs\n\nmore\n\nours\n")],
    ),
    "a further item here, a new section there, at the end": (
        "draft",
        [("attached invoice\n", "attached invoice\n- 2026-03-14 ours\n")],
        [("attached invoice\n", "attached invoice\n\n## Answer\n\nYes.\n")],
        [("attached invoice\n", "attached invoice\n- 2026-03-14 ours\n\n## Answer\n\nYes.\n")],
    ),
    "code by each at the end": (
        "daily",
        [("20:30 film\n", "20:30 film\n\n```sh\nls\n```\n")],
        [("20:30 film\n", "20:30 film\n\n```sh\npwd\n```\n")],
        [("20:30 film\n", "20:30 film\n\n```sh\npwd\n```\n\n```sh\nls\n```\n")],
    ),
    "the same below two entries": (
        "daily",
        [(MARKET, f"{MARKET}- ours\n  - done\n")],
        [(MARKET, f"{MARKET}- theirs\n  - done\n- more\n")],
        [(MARKET, f"{MARKET}- theirs\n  - done\n- more\n- ours\n  - done\n")],
    ),
    "code with a list by each at the end": (
        "daily",
        [("20:30 film\n", "20:30 film\n\n```yaml\n- same\n- ours\n```\n")],
        [("20:30 film\n", "20:30 film\n\n```yaml\n- same\n- theirs\n```\n")],
        [
            (
                "20:30 film\n",
                "20:30 film\n\n```yaml\n- same\n- theirs\n```\n\n```yaml\n- same\n- ours\n```\n",
            )
        ],
    ),
    "a done task moved by both, another one by one": (
        "tasks",
        [("- [ ] Renew passport\n", ""), ("Bike repair\n", "Bike repair\n- [x] Renew passport\n")],
        [
            ("- [ ] Renew passport\n", ""),
            ("- [ ] Water filter\n", ""),
            ("Bike repair\n", "Bike repair\n- [x] Water filter\n- [x] Renew passport\n"),
        ],
        [
            ("- [ ] Renew passport\n", ""),
            ("- [ ] Water filter\n", ""),
            ("Bike repair\n", "Bike repair\n- [x] Water filter\n- [x] Renew passport\n"),
        ],
    ),
    "a heading renamed, an item added below": (
        "project",
        [("## Ideas", "## Thoughts")],
        [("^bench\n", "^bench\n- Swing\n")],
        [("## Ideas", "## Thoughts"), ("^bench\n", "^bench\n- Swing\n")],
    ),
    "tags by both, a comment behind attendees": (
        "meeting",
        [("  - harbour\n", "  - harbour\n  - ours\n"), ("alan]", "alan, ours]")],
        [("  - harbour\n", "  - harbour\n  - theirs\n"), ("alan]", "alan, theirs]")],
        [("  - harbour\n", "  - harbour\n  - theirs\n  - ours\n"), ("alan]", "alan, theirs, ours]")],
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("name", "here", "there", "both"), CLEAN.values(), ids=CLEAN)
def test_both_get_what_they_expect(name: str, here: Edits, there: Edits, both: Edits, newline: str) -> None:
    """The merge to the byte, and the same words whoever was published."""
    texts = (NOTES[name], after(name, here), after(name, there), after(name, both))
    base, ours, theirs, expected = (text.replace("\n", newline) for text in texts)
    assert merge(base, ours, theirs) == expected
    swapped = merge(base, theirs, ours)
    assert swapped is not None
    assert words(swapped) == words(expected)


TABLE = "| 漢字 |" + NOTES["languages"].partition("| 漢字 |")[2].partition("\n\n")[0] + "\n"
SHOPPING = "## Shopping\n\n* seeds\n    * beans\n    * [[Kohlrabi]]\n* string\n* 2 bags of compost (40 l)\n\n"
WATER = "- [ ] Water\n    - [x] Find the leak\n    - [ ] Buy a new tap\n    - [ ] Mend the butt\n"
CONFLICTS: dict[str, tuple[str, Edits, Edits]] = {
    "two words of one paragraph": (
        "meeting",
        [("fee rose again", "fee fell again")],
        [("explained at length", "explained briefly")],
    ),
    "a task moved to two places": (
        "daily",
        [("- [ ] Call mother\n", ""), ("5 km\n", "5 km\n- [ ] Call mother\n")],
        [("- [ ] Call mother\n- [ ] Shopping\n", "- [ ] Shopping\n- [x] Call mother\n")],
    ),
    "a heading added at two places": (
        "meeting",
        [(NEXT, f"## Risks\n\nours\n\n{NEXT}")],
        [("## Tasks\n", "## Risks\n\ntheirs\n\n## Tasks\n")],
    ),
    "a section taken away, an item added at its end": (
        "project",
        [(SHOPPING, "")],
        [("(40 l)\n", "(40 l)\n* rope\n")],
    ),
    "a parent taken away, a child added": (
        "project",
        [(WATER, "")],
        [("Mend the butt\n", "Mend the butt\n    - [ ] Paint it\n")],
    ),
    "a table taken away, a row added": (
        "meeting",
        [(NOTES["meeting"].partition("## Decisions\n\n")[2].partition("\n\n")[0] + "\n", "")],
        [(ROW, f"{ROW}| 4 | theirs | Tom | now |\n")],
    ),
    "a column in the middle here, a row there": (
        "languages",
        [(TABLE, TABLE.replace("\n|", "\n| n |").replace("| n |---", "|---|---"))],
        [("der Hund  |\n", "der Hund  |\n| 鳥 | とり | der Vogel |\n")],
    ),
    "lines made code here, one put in among them there": (
        "daily",
        [("19:05", "```\n19:05"), ("20:30 film\n", "20:30 film\n```\n")],
        [("19:50", "19:30 phone\n19:50")],
    ),
    "the last section taken away, a line added at its end": (
        "daily",
        [("\n## Evening log\n\n19:05 dinner\n19:50 washing up, [[Jo]] dried\n20:30 film\n", "")],
        [("20:30 film\n", "20:30 film\n22:10 theirs\n")],
    ),
    "two sections of different levels at one place": (
        "meeting",
        [(NEXT, f"### Ours\n\nwords\n\n{NEXT}")],
        [(NEXT, f"## Theirs\n\nother\n\n{NEXT}")],
    ),
    "a heading by both, below different ones at the end": (
        "daily",
        [("20:30 film\n", "20:30 film\n\n## Ours\n\n## Risks\n\nx\n")],
        [("20:30 film\n", "20:30 film\n\n## Theirs\n\n## Risks\n\ny\n")],
    ),
    "two tables at one place": (
        "meeting",
        [(NEXT, f"| a |\n|---|\n| 1 |\n\n{NEXT}")],
        [(NEXT, f"| b |\n|---|\n| 2 |\n\n{NEXT}")],
    ),
    "two tables at the end": (
        "meeting",
        [("same place.\n", "same place.\n| a |\n|---|\n| 1 |\n")],
        [("same place.\n", "same place.\n| b |\n|---|\n| 2 |\n")],
    ),
    "an entry by both among others, with the same below it": (
        "daily",
        [(MARKET, f"{MARKET}- same\n  - done\n- ours\n")],
        [(MARKET, f"{MARKET}- theirs\n- same\n  - done\n- more\n")],
    ),
    "an entry here, a line right below the last one there, at the end": (
        "draft",
        [("attached invoice\n", "attached invoice\n- 2026-03-14 ours\n")],
        [("attached invoice\n", "attached invoice\nand a letter\n")],
    ),
    "the last line made code here, a section below it there": (
        "reading",
        [
            (
                "Last thought without a newline at the end",
                "```\nLast thought without a newline at the end\n```",
            )
        ],
        [("newline at the end", "newline at the end\n\n## Theirs\n\n- words")],
    ),
    "two callouts at one place": (
        "daily",
        [("## Plan\n\n", "## Plan\n\n> [!note] Note\n> ours\n\n")],
        [("## Plan\n\n", "## Plan\n\n> [!note] Note\n> theirs\n\n")],
    ),
    "two lists within code": (
        "draft",
        [("## Log\n", "```yaml\n- ours\n```\n\n## Log\n")],
        [("## Log\n", "```yaml\n- theirs\n```\n\n## Log\n")],
    ),
    "one entry put in in another order": (
        "daily",
        [(MARKET, f"{MARKET}- one\n- two\n")],
        [(MARKET, f"{MARKET}- two\n- one\n")],
    ),
    "a section moved, a word of it changed": (
        "project",
        [(SHOPPING, ""), ("## Ideas\n", f"{SHOPPING}## Ideas\n")],
        [("* string", "* rope")],
    ),
}


@pytest.mark.parametrize(("name", "here", "there"), CONFLICTS.values(), ids=CONFLICTS)
def test_where_the_answer_is_not_plain_nothing_is_guessed(name: str, here: Edits, there: Edits) -> None:
    """No doubled task, no orphaned row, no prose within code: the whole note is a conflict."""
    ours, theirs = after(name, here), after(name, there)
    assert merge(NOTES[name], ours, theirs) is None
    assert merge(NOTES[name], theirs, ours) is None


def test_a_whole_note_with_other_line_ends_has_no_other_words() -> None:
    """One program writes CRLF throughout, the other side edits: both happen."""
    base = NOTES["daily"]
    theirs = after("daily", [("1. Sun", "1. Moon"), ("mood: good", "mood: tired")])
    for here, there in ((base.replace("\n", "\r\n"), theirs), (theirs, base.replace("\n", "\r\n"))):
        assert merge(base, here, there) == theirs.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("| ours |\n", "\nwords\n"), ("\nwords\n", "| theirs |\n")],
)
def test_a_row_stays_with_its_table_at_the_end(ours: str, theirs: str) -> None:
    """What goes on with the table comes before what begins below it, whoever was published."""
    base = "# Prices\n\n| item |\n|---|\n| ink |\n"
    merged = merge(base, base + ours, base + theirs)
    assert merged == base + (ours + theirs if ours.startswith("|") else theirs + ours)
