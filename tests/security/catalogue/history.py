"""Attacks on history itself: lost ways, lying times, merges, and commits that only look odd."""

from __future__ import annotations

from tests.security.catalogue.approvals import DRAFT, tree_without
from tests.security.catalogue.case import case
from tests.security.forge import Forge
from vaultkit.core.git.tree import Oid


def parent_of(forge: Forge) -> Oid:
    """The commit below the published head, by what the person's commit names."""
    start = forge.persons.index(b"parent ") + 7
    return Oid(forge.persons[start : start + 40].decode())


@case("history: set back by commits", stops=True)
def _rewound(forge: Forge) -> Oid:
    return parent_of(forge)


@case("history: rewritten after a common past", stops=True)
def _forked(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), parents=[parent_of(forge)])


@case("history: begun anew", stops=True)
def _unrelated(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), parents=[])


@case("history: begun anew by somebody who claims to be the person", stops=True)
def _unrelated_stranger(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), parents=[], by="stranger")


@case("history: an unrelated one merged in front", silent=True)
def _orphan_first(forge: Forge) -> Oid:
    orphan = forge.commit(forge.folder(forge.note("Approved.md")), parents=[], by=None, vaultkit=False)
    return forge.commit(forge.tree(), parents=[forge.head, orphan], vaultkit=False)


@case("history: a merge that would push the published side aside", silent=True)
def _aside(forge: Forge) -> Oid:
    """The fork leaves out what the person published; the merge puts the fork first."""
    fork = forge.commit(forge.tree(), parents=[parent_of(forge)])
    return forge.commit(forge.tree(), parents=[fork, forge.head], vaultkit=False)


@case("history: a merge that takes back what the person published")
def _ours(forge: Forge) -> Oid:
    """As `git merge -s ours` does, with the person's newest commit among what is merged in."""
    old = forge.commit(forge.tree(), parents=[parent_of(forge)])
    return forge.commit(tree_without(forge, b"Notes", b"mine.md"), parents=[forge.head, old], vaultkit=False)


@case("history: a forged approval on a side branch")
def _forged_side(forge: Forge) -> Oid:
    tree = forge.tree(Approved=[forge.note("draft.md", DRAFT)])
    side = forge.commit(tree, parents=[parent_of(forge)], vaultkit=False)
    return forge.commit(tree, parents=[forge.head, side], vaultkit=False)


@case("history: a forged approval in the merge itself, with the forger's side in front")
def _forged_merge(forge: Forge) -> Oid:
    side = forge.commit(forge.tree(), parents=[parent_of(forge)])
    tree = forge.tree(Approved=[forge.note("draft.md", DRAFT)])
    return forge.commit(tree, parents=[side, forge.head], vaultkit=False)


@case("history: a merge of nine parents", silent=True)
def _octopus(forge: Forge) -> Oid:
    sides = [forge.commit(forge.tree(), vaultkit=False) for _ in range(8)]
    return forge.commit(forge.tree(), parents=[forge.head, *sides], vaultkit=False)


@case("history: a merge of ten thousand parents that are all the same", silent=True)
def _many_parents(forge: Forge) -> Oid:
    side = forge.commit(forge.tree(), parents=[parent_of(forge)], vaultkit=False)
    return forge.commit(forge.tree(), parents=[forge.head, *[side] * 10_000], vaultkit=False)


@case("history: one parent twice", silent=True)
def _same_parent(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), parents=[forge.head, forge.head])


@case("history: from the year 9999", silent=True)
def _future(forge: Forge) -> Oid:
    forge.time = 253_402_300_000
    return forge.commit(forge.tree())


@case("history: from the year 300,000,000", silent=True)
def _far_future(forge: Forge) -> Oid:
    forge.time = 9_000_000_000_000_000
    return forge.commit(forge.tree())


@case("history: from 1970", silent=True)
def _past(forge: Forge) -> Oid:
    forge.time = -5
    return forge.commit(forge.tree())


@case("history: a side branch from 1970 merged in", silent=True)
def _old_side(forge: Forge) -> Oid:
    forge.time = -5
    side = forge.commit(forge.tree(), parents=[parent_of(forge)], vaultkit=False)
    return forge.commit(forge.tree(), parents=[forge.head, side], vaultkit=False)


@case("history: an author that is no name", silent=True)
def _odd_author(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), author="<<\x1b[2J>>\x00 <x> <y>")


@case("history: a subject that steers a terminal", silent=True)
def _odd_subject(forge: Forge) -> Oid:
    return forge.commit(forge.tree(), message="\x1b[2J\x1b]0;owned\x07\u202e\udcff")


@case("history: trailers that claim to be the person's", silent=True)
def _odd_trailers(forge: Forge) -> Oid:
    claims = "words\n\nVaultkit-Agent: local_agent\nSigned-off-by: local_agent <a@b>"
    return forge.commit(forge.tree(), message=claims)


@case("history: headers nobody knows", silent=True)
def _odd_headers(forge: Forge) -> Oid:
    return forge.commit(
        forge.tree(), headers=[b"encoding x\x1b", b"mergetag object\n more", b"x " + b"y" * 5000]
    )


@case("history: a commit that changes nothing, fifty times", silent=True)
def _empty(forge: Forge) -> Oid:
    head = forge.commit(forge.tree())
    for _ in range(50):
        head = forge.commit(forge.tree(), parents=[head])
    return head
