"""Where words stand on this disk that a merge may not publish: there they are held.

Others may have moved the note, so the place that is refused is another one, and there may be nothing of ours
at all. What is not held where it stands is written over.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from vaultkit.core.git.tree import Objects, Oid, find_file
from vaultkit.core.rules.policy import Refusal


def where_ours_stand(
    objects: Objects,
    refused: Mapping[str, Refusal],
    ours: Oid | None,
    theirs: Oid | None,
    moved: Mapping[str, str],
    diverted: Mapping[str, str],
) -> dict[str, Refusal]:
    """What is `refused`, by the places in `ours` that are not so in `theirs`.

    `moved`: what others moved; `diverted`: where the merge put the words of our places.
    """
    sources: dict[str, set[str]] = {}
    for src, dst in (*moved.items(), *diverted.items()) if refused else ():
        sources.setdefault(dst, set()).add(src)
    found: dict[str, Refusal] = {}
    for path, refusal in refused.items():
        places = sorted(_of_one_note(path, sources, moved))
        mine = [place for place in places if _is_ours_alone(objects, ours, theirs, place)]
        found |= dict.fromkeys(mine or [path], refusal)
    return found


def _of_one_note(path: str, sources: Mapping[str, Set[str]], moved: Mapping[str, str]) -> set[str]:
    """All the places from which words came here, or would have, had nobody moved the note."""
    places, todo = {path}, [path]
    while todo:
        place = todo.pop()
        near = {*sources.get(place, ()), moved.get(place, place)} - places
        places |= near
        todo += near
    return places


def _is_ours_alone(objects: Objects, ours: Oid | None, theirs: Oid | None, path: str) -> bool:
    oid = find_file(objects, ours, path)
    return oid is not None and oid != find_file(objects, theirs, path)
