"""Notes as people write them (tests/notes), and what two of them, or one and an agent, do at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

Lines = list[str]

NOTES = {path.stem: path.read_text("utf-8") for path in (Path(__file__).parent / "notes").glob("*.md")}
WORDS = [
    "harbour",
    "Ärger",
    "言葉",
    "كلمة",
    "שלום",
    "🎉",
    "maybe",
    "tomorrow",
    "again",
    "crane",
    "42",
    "offer",
]


def some_words(chance: random.Random, who: str) -> str:
    return " ".join([who, *chance.choices(WORDS, k=chance.randint(1, 5))])


def where(lines: Lines, fits: Callable[[str], bool]) -> list[int]:
    """The places of the lines that fit, frontmatter aside."""
    start = lines.index("---", 1) + 1 if lines[:1] == ["---"] else 0
    return [at for at, line in enumerate(lines) if at >= start and fits(line)]


def _is_row(line: str) -> bool:
    return line.startswith("|")


def _is_item(line: str) -> bool:
    return line.lstrip().startswith(("- ", "* ")) and line[:1] != ">"


def _is_heading(line: str) -> bool:
    return line.startswith("## ")


def tick(lines: Lines, chance: random.Random, who: str) -> None:
    tasks = where(lines, lambda line: "- [ ]" in line)
    for at in chance.sample(tasks, min(len(tasks), chance.randint(1, 3))):
        done = " ✅ 2026-03-15" if chance.random() < 0.3 else ""
        lines[at] = lines[at].replace("- [ ]", "- [x]") + done


def add_row(lines: Lines, chance: random.Random, who: str) -> None:
    ends = [at for at in where(lines, _is_row) if at + 1 == len(lines) or not _is_row(lines[at + 1])]
    if ends:
        at = chance.choice(ends)
        cells = lines[at].count("|") - 1
        rows = [f"| {' | '.join(some_words(chance, who) for _ in range(cells))} |"] * 1
        lines[at + 1 : at + 1] = rows


def edit_row(lines: Lines, chance: random.Random, who: str) -> None:
    rows = [at for at in where(lines, _is_row) if "--" not in lines[at]]
    if rows:
        at = chance.choice(rows)
        lines[at] = lines[at].rsplit("|", 2)[0] + f"| {some_words(chance, who)} |"


def add_column(lines: Lines, chance: random.Random, who: str) -> None:
    rows = where(lines, _is_row)
    if rows and chance.random() < 0.3:
        for at in rows:
            lines[at] += "---|" if "--" in lines[at] else f" {who} |"


def add_item(lines: Lines, chance: random.Random, who: str) -> None:
    items = where(lines, _is_item)
    if items:
        at = chance.choice(items)
        lead = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        box = "[ ] " if "- [" in lines[at] else ""
        lines.insert(at + 1, f"{lead}- {box}{some_words(chance, who)}")


def add_child(lines: Lines, chance: random.Random, who: str) -> None:
    items = where(lines, _is_item)
    if items:
        at = chance.choice(items)
        lead = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines.insert(at + 1, f"{lead}    - {some_words(chance, who)}")


def log(lines: Lines, chance: random.Random, who: str) -> None:
    """Log lines at the end of the note or of the section that is a log."""
    ends = [len(lines)]
    for at in where(lines, lambda line: line.endswith("Log")):
        below = next((n for n in range(at + 2, len(lines)) if not lines[n].strip()), len(lines))
        ends.append(below)
    at = chance.choice(ends)
    new = [f"- {chance.randint(10, 23)}:{chance.randint(10, 59)} {some_words(chance, who)}"]
    lines[at:at] = new * 1 if chance.random() < 0.6 else [*new, f"- {some_words(chance, who)}"]


def reword(lines: Lines, chance: random.Random, who: str) -> None:
    long = where(lines, lambda line: len(line.split()) > 3 and "|" not in line)
    if not long:
        return
    at = chance.choice(long)
    words = lines[at].split(" ")
    words[chance.randrange(2, len(words))] = some_words(chance, who)
    lines[at] = " ".join(words)


def add_paragraph(lines: Lines, chance: random.Random, who: str) -> None:
    at = chance.choice(where(lines, lambda line: not line) or [len(lines)])
    lines[at:at] = ["", some_words(chance, who)]


def add_callout(lines: Lines, chance: random.Random, who: str) -> None:
    at = chance.choice(where(lines, lambda line: not line) or [len(lines)])
    lines[at:at] = ["", "> [!note] Note", f"> {some_words(chance, who)}"]


def add_code(lines: Lines, chance: random.Random, who: str) -> None:
    at = chance.choice(where(lines, lambda line: not line) or [len(lines)])
    lines[at:at] = ["", "```yaml", "---", f"{who}: 1", "---", "```"]


def add_section(lines: Lines, chance: random.Random, who: str) -> None:
    at = chance.choice([*where(lines, _is_heading), len(lines)])
    title = chance.choice(["Risks", "15 March", some_words(chance, who)])
    new = [f"## {title}", "", f"- {some_words(chance, who)}"]
    lines[at:at] = [*new, ""] if at < len(lines) else ["", *new]


def delete_section(lines: Lines, chance: random.Random, who: str) -> None:
    heads = where(lines, _is_heading)
    if len(heads) > 1 and chance.random() < 0.5:
        at = chance.randrange(len(heads))
        stop = heads[at + 1] if at + 1 < len(heads) else len(lines)
        del lines[heads[at] : stop]


def move_section(lines: Lines, chance: random.Random, who: str) -> None:
    heads = [*where(lines, _is_heading), len(lines)]
    if len(heads) > 3 and chance.random() < 0.4:
        at = chance.randrange(len(heads) - 2)
        one, two, three = heads[at : at + 3]
        lines[one:three] = lines[two:three] + lines[one:two]


def rename_heading(lines: Lines, chance: random.Random, who: str) -> None:
    heads = where(lines, _is_heading)
    if heads:
        lines[chance.choice(heads)] = f"## {some_words(chance, who)}"


def move_item(lines: Lines, chance: random.Random, who: str) -> None:
    items = where(lines, _is_item)
    if len(items) > 2:
        one, other = chance.sample(items, 2)
        lines.insert(other, lines.pop(one))


def remove_line(lines: Lines, chance: random.Random, who: str) -> None:
    items = where(lines, lambda line: _is_item(line) or (_is_row(line) and "--" not in line))
    if items:
        del lines[chance.choice(items)]


def wrap_in_code(lines: Lines, chance: random.Random, who: str) -> None:
    plain = where(lines, lambda line: line[:1].isalpha())
    if plain and chance.random() < 0.3:
        at = chance.choice(plain)
        lines[at : at + 1] = ["```", lines[at], "```"]


def _front(lines: Lines) -> int:
    """Where the frontmatter's last fence is; 0 if there is none."""
    return lines.index("---", 1) if lines[:1] == ["---"] else 0


def add_tag(lines: Lines, chance: random.Random, who: str) -> None:
    for at in range(1, _front(lines)):
        if lines[at].startswith("tags: ["):
            lines[at] = lines[at].replace("]", f", {who}{chance.randint(1, 3)}]")
        elif lines[at] == "tags:":
            lines.insert(at + 2, f"  - {who}{chance.randint(1, 3)}")


def change_property(lines: Lines, chance: random.Random, who: str) -> None:
    keys = [at for at in range(1, _front(lines)) if ": " in lines[at] and lines[at][-1] not in "]e"]
    if keys:
        at = chance.choice(keys)
        lines[at] = f"{lines[at].partition(':')[0]}: {who}"


def add_property(lines: Lines, chance: random.Random, who: str) -> None:
    if _front(lines):
        lines.insert(_front(lines), f"{chance.choice([who, 'reviewed'])}: {chance.choice([who, 'yes'])}")


EDITS = [
    *(tick, tick, tick, add_row, edit_row, add_column, add_item, add_item, add_child, log, log, log),
    *(reword, reword, add_paragraph, add_callout, add_code, add_section, delete_section, move_section),
    *(rename_heading, move_item, remove_line, wrap_in_code, add_tag, change_property, add_property),
]


def edited(text: str, chance: random.Random, who: str) -> str:
    """The note after what one of the two did."""
    lines = text.split("\n")
    end = [lines.pop()] if lines[-1] == "" else []
    for edit in chance.sample(EDITS, chance.choice([1, 1, 2, 2, 3])):
        edit(lines, chance, who)
    return "\n".join(lines + end)


def part_of(text: str, chance: random.Random) -> str:
    """The frontmatter and one section: where two meet in a few lines."""
    lines = text.split("\n")
    heads = [*where(lines, _is_heading), len(lines) - 1]
    at = chance.randrange(len(heads) - 1) if len(heads) > 1 else 0
    front = lines[: _front(lines) + 1] if _front(lines) else []
    return "\n".join([*front, *lines[heads[at] : heads[min(at + 1, len(heads) - 1)]], ""])


def pair(chance: random.Random) -> tuple[str, str, str]:
    """A note, and what became of it on two sides; now and then with CRLF, or without its last newline."""
    base = chance.choice([*NOTES.values()])
    if chance.random() < 0.5:
        base = part_of(base, chance)
    if chance.random() < 0.2:
        base = base.rstrip("\n")
    texts = base, edited(base, chance, "ours"), edited(base, chance, "theirs")
    return tuple(text.replace("\n", "\r\n") for text in texts) if chance.random() < 0.2 else texts  # type: ignore[return-value]
