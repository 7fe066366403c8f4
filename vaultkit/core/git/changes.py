"""Moves, inferred from what disappeared and what appeared.

A drag in Obsidian is a rename, but a watcher may miss it, report it in halves, or be off. So moves
are read from two trees: the same file name gone here and new there; else the same content; else the
same `id`; else the same name in a folder of the same name (two domains may have notes of one name); else
similar content. Notes whose `id`s differ are different notes, whatever their names. Only unambiguous pairs
count; what is left over is an ordinary removal or addition.
A conflict copy is a new note, however much it is like one that went.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vaultkit.core.git.tree import Change, Changes, Oid
from vaultkit.core.text.note import SYNONYMS, BrokenFrontmatter, read_meta

MOST_SIMILARITY_PAIRS = 400
MOST_SIMILAR_BYTES = 64 * 1024
SIMILAR = 0.6
MOST_TAKEN_OVER = 40
MOST_HEADS_BYTES = 256 * 1024
"""So much frontmatter is read to tell a note from another one; a hostile side may send any amount of it."""
COPIES = "Conflicts/"


@dataclass(frozen=True, slots=True)
class Move:
    """A note that left `src` and is now at `dst`; `old` and `new` are its contents there."""

    src: str
    dst: str
    old: Oid
    new: Oid


def file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _name_in_folder(path: str) -> str:
    return "/".join(path.split("/")[-2:])


def infer_moves(changes: Changes, read: Callable[[Oid], bytes]) -> list[Move]:
    """The moves among `changes` from places that are empty now to places that were empty, sorted by source.

    `read` is asked only for leftovers that may be similar.
    """
    return _infer(changes, read, {})


def infer_successions(changes: Changes, read: Callable[[Oid], bytes]) -> list[Move]:
    """The same, and the moves from and to places that another note took over, told by `id` or content.

    Such a place is an end of two moves, or of one and of a removal or an addition: see `unexplained`.
    """
    return _infer(changes, read, _taken_over(changes, read))


def _infer(changes: Changes, read: Callable[[Oid], bytes], taken_over: Changes) -> list[Move]:
    gone = {path: change.old for path, change in changes.items() if change.old and not change.new}
    came = {path: change.new for path, change in changes.items() if change.new and not change.old}
    came = {path: oid for path, oid in came.items() if not path.startswith(COPIES)}
    moves = _pair_by_name(gone, came, read, file_name)
    moves += _pair(gone, came, lambda path: gone[path], lambda path: came[path])
    left = {path: old for path, (old, _) in taken_over.items() if old}
    arrived = {path: new for path, (_, new) in taken_over.items() if new}
    moves += _pair(left, came, lambda path: left[path], lambda path: came[path])
    moves += _pair_by_own_name(gone, came, read, left, arrived)
    moves += _pair_by_name(gone, came, read, _name_in_folder)
    moves += _pair_similar(gone, came, read)
    return sorted(moves, key=lambda move: move.src)


def without_moves(changes: Changes, moves: Iterable[Move]) -> Changes:
    """What the moves do not explain. Of a place that was taken over, that may be what left, or what came."""
    return unexplained(changes, {move.src: move.dst for move in moves})


def unexplained(changes: Changes, moved: Mapping[str, str]) -> Changes:
    """The changes without what left the sources of `moved` and without what came to its destinations."""
    came = set(moved.values())
    left = {
        path: Change(None if path in moved else change.old, None if path in came else change.new)
        for path, change in changes.items()
    }
    return {path: change for path, change in left.items() if change != (None, None)}


def follow_moves(commits: Iterable[Changes], read: Callable[[Oid], bytes]) -> dict[str, str]:
    """Where commits, one after the other, moved the notes that were there before them: old path, new path.

    A note that was renamed in one commit and rewritten in the next is no longer like what it was. That it
    is the same note shows only commit by commit.
    """
    came_from: dict[str, str | None] = {}
    for changes in commits:
        moves = infer_successions(changes, read)
        arrived = {move.dst: came_from.pop(move.src, move.src) for move in moves}
        for path, (old, new) in without_moves(changes, moves).items():
            if old is None or new is None:
                came_from[path] = None
        came_from |= arrived
    return {first: last for last, first in came_from.items() if first not in (None, last)}


def as_changes(moves: Iterable[Move]) -> Changes:
    """Both ends of each move as plain changes."""
    found: Changes = {}
    for move in moves:
        found[move.src] = Change(move.old, None)
        found[move.dst] = Change(None, move.new)
    return found


def _pair(
    gone: dict[str, Oid],
    came: dict[str, Oid],
    key_gone: Callable[[str], str],
    key_came: Callable[[str], str],
) -> list[Move]:
    """Pairs whose key is unique on both sides; paired paths leave `gone` and `came`."""
    sources, targets = _by_key(gone, key_gone), _by_key(came, key_came)
    pairs = [
        (sources[key][0], targets[key][0])
        for key in sources.keys() & targets.keys()
        if len(sources[key]) == len(targets[key]) == 1
    ]
    return [Move(src, dst, gone.pop(src), came.pop(dst)) for src, dst in pairs]


def _pair_by_name(
    gone: dict[str, Oid],
    came: dict[str, Oid],
    read: Callable[[Oid], bytes],
    name: Callable[[str], str],
) -> list[Move]:
    """One name, unless the two notes say themselves that they are different ones.

    Where only one of them says what it is, it is another one if the very note that is gone came elsewhere.
    """
    left, new = dict(gone), dict(came)
    moves = _pair(left, new, name, name)
    rewritten = [move for move in moves if move.old != move.new]
    others = rewritten if len(rewritten) <= MOST_SIMILARITY_PAIRS else []
    contents = set(came.values()) if others else set()
    wrong = {move.src for move in others if _is_other_note(move, move.old in contents, read)}
    moves = [move for move in moves if move.src not in wrong]
    for move in moves:
        del gone[move.src], came[move.dst]
    return moves


def _by_key(paths: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        groups[key(path)].append(path)
    return groups


def known_again(
    came: Mapping[str, Oid], left: Mapping[str, Oid], read: Callable[[Oid], bytes]
) -> dict[str, str]:
    """Which notes that came are one of those `left`, by file name and `id` both: old path by new path."""
    pairs = _pair_by_own_name(
        dict(left), {path: came[path] for path in came if not path.startswith(COPIES)}, read
    )
    return {move.dst: move.src for move in pairs if file_name(move.src) == file_name(move.dst)}


def _taken_over(changes: Changes, read: Callable[[Oid], bytes]) -> Changes:
    """The places at which another note is now: both name themselves, and differently.

    Or the very note that was there came elsewhere, and what is there now is not like it.
    """
    both = {path: change for path, change in changes.items() if change.old and change.new}
    if len(both) > MOST_TAKEN_OVER or len(changes) < 2:
        return {}
    found, left = {}, MOST_HEADS_BYTES
    came = {change.new for change in changes.values() if not change.old}
    for path, (old, new) in both.items():
        if old and new and old in came and _is_quite_another(read(old), read(new)):
            found[path] = Change(old, new)
        elif old and new and (heads := _heads_that_differ(read(old), read(new))):
            left -= sum(map(len, heads))
            if left >= 0 and are_different(*heads):
                found[path] = Change(old, new)
    return found


def _is_quite_another(old: bytes, new: bytes) -> bool:
    return bool(old.strip()) and _similarity(old, new) < SIMILAR


def _heads_that_differ(old: bytes, new: bytes) -> tuple[bytes, bytes] | None:
    """Both notes' frontmatter, unless it is the same: most edits are below it."""
    one, other = _head(old), _head(new)
    return None if one == other else (one, other)


def _head(data: bytes) -> bytes:
    closing = data.find(b"\n---", 3)
    end = data.find(b"\n", closing + 1)
    return b"" if closing < 0 else data[: end + 1] if end > 0 else data


def _pair_by_own_name(
    gone: dict[str, Oid],
    came: dict[str, Oid],
    read: Callable[[Oid], bytes],
    left: Mapping[str, Oid] = MappingProxyType({}),
    arrived: Mapping[str, Oid] = MappingProxyType({}),
) -> list[Move]:
    """Notes that name themselves (`id` or the like) the same are one note, whatever else was rewritten.

    `left` and `arrived` are notes at places that others took over.
    """
    sources, targets = gone | dict(left), came | dict(arrived)
    if not sources or len(sources) * len(targets) > MOST_SIMILARITY_PAIRS:
        return []
    names = {oid: own_name(read(oid)) for oid in (*sources.values(), *targets.values())}
    old, new = ({path: oid for path, oid in side.items() if names[oid]} for side in (sources, targets))
    moves = _pair(old, new, lambda path: names[sources[path]] or "", lambda path: names[targets[path]] or "")
    for move in moves:
        gone.pop(move.src, None)
        came.pop(move.dst, None)
    return moves


def _pair_similar(gone: dict[str, Oid], came: dict[str, Oid], read: Callable[[Oid], bytes]) -> list[Move]:
    if not gone or len(gone) * len(came) > MOST_SIMILARITY_PAIRS:
        return []
    scores = {(src, dst): _similarity(read(gone[src]), read(came[dst])) for src in gone for dst in came}
    alike = {pair: score for pair, score in scores.items() if score >= SIMILAR}
    return [
        Move(*pair, gone.pop(pair[0]), came.pop(pair[1])) for pair in sorted(alike) if _is_best(pair, alike)
    ]


def _is_best(pair: tuple[str, str], scores: Mapping[tuple[str, str], float]) -> bool:
    """Is no other pair with one of these two as much alike? Notes from one template are like each other."""
    rivals = (score for other, score in scores.items() if (other[0] == pair[0]) != (other[1] == pair[1]))
    return scores[pair] > max(rivals, default=0.0)


def _similarity(old: bytes, new: bytes) -> float:
    """The share of lines that both have, in any order; whatever is in them, it costs their length.

    Notes that name themselves (`id` or the like) differently are different notes.
    """
    if not old or not new or max(len(old), len(new)) > MOST_SIMILAR_BYTES or are_different(old, new):
        return 0.0
    before, after = Counter(_words_of(old)), Counter(_words_of(new))
    return 2 * (before & after).total() / max(1, before.total() + after.total())


def _words_of(data: bytes) -> list[bytes]:
    return [line for line in data.splitlines() if line.strip(b" \t-")]


def _is_other_note(move: Move, came_elsewhere: bool, read: Callable[[Oid], bytes]) -> bool:
    one, other = own_name(read(move.old)), own_name(read(move.new))
    return one != other and (came_elsewhere or None not in (one, other))


def are_different(old: bytes, new: bytes) -> bool:
    one, other = own_name(old), own_name(new)
    return one is not None and other is not None and one != other


def own_name(data: bytes) -> str | None:
    """What a note calls itself (`id` or the like), a word or a number; None if nothing, or if very large."""
    try:
        meta = read_meta(data) if len(data) <= MOST_SIMILAR_BYTES else {}
    except BrokenFrontmatter:
        return None
    said = (meta.get(key) for key in SYNONYMS["id"])
    return next((str(name) for name in said if name not in (None, "")), None)
