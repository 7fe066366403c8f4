"""Look-alikes of the names that the policy speaks of: `Аpproved/`, `ln_Progress/`, `Dashbоard.md`.

A hostile agent cannot write into `Approved/`, but it could make a folder that a person takes for it, or
take a task as an agent whose name looks like another's. And a person who mistypes a folder's name makes
one that nothing happens in. So where the policy names a folder or a file, no other name that looks the
same may stand beside it. Case aside: `approved/` is `Approved/` to every rule.

Names are known by place: `In_Progress` at the top, the agents' names where `{agent}` stands. What a
pattern says behind a `*` has no place of its own, and a name there is not compared.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from vaultkit.core.naming.globs import AGENT
from vaultkit.core.naming.skeleton import skeleton


class Lookalikes:
    """The names in `patterns`, with the agents' for `{agent}`; what else looks like one of them?"""

    def __init__(self, patterns: Iterable[str], agents: Iterable[str]) -> None:
        self._agents = tuple(agents)
        self._known: dict[str, dict[str, list[str]]] = {}
        for pattern in patterns:
            self._learn(pattern.split("/"))
        self._look = lru_cache(maxsize=4096)(self._of_folder)

    def _learn(self, names: list[str]) -> None:
        places = [""]
        for name in names:
            if "*" in name or "?" in name:
                return
            choices = self._agents if name == AGENT else (name,)
            for place in places:
                for choice in choices:
                    self._known.setdefault(place, {}).setdefault(skeleton(choice), []).append(choice)
            places = [_below(place, choice) for place in places for choice in choices]

    def problem(self, path: str) -> str | None:
        """Why `path` would be taken for another; None if it would not."""
        folder, _, name = path.rpartition("/")
        found, place = self._look(folder)
        if found:
            return f"its folder looks like {found} but is another"
        found, _ = self._of_name(place, name)
        return f"its name looks like {found} but is another" if found else None

    def _of_folder(self, folder: str) -> tuple[str | None, str | None]:
        """What a folder looks like, and the place it is, if the policy knows of names below it."""
        if not folder:
            return None, ""
        above, _, name = folder.rpartition("/")
        found, place = self._look(above)
        return (found, None) if found else self._of_name(place, name)

    def _of_name(self, place: str | None, name: str) -> tuple[str | None, str | None]:
        known = self._known.get(place) if place is not None else None
        if place is None or known is None:
            return None, None
        alike = known.get(skeleton(name), [])
        if any(_is_same(name, other) for other in alike):
            return None, _below(place, name)
        return (alike[0] if alike else None), None


def _below(place: str, name: str) -> str:
    return f"{place}{skeleton(name)}/"


def _is_same(name: str, other: str) -> bool:
    """But for case, letter by letter, as patterns compare: neither `ﬁ` nor `ſ` is a capital."""
    if name == other:
        return True
    if len(name) != len(other) or not unicodedata.is_normalized("NFKC", name):
        return False
    return all(one.casefold() == two.casefold() for one, two in zip(name, other, strict=True))
