"""The State port: one suite for the real file and the one in memory, then what only a real one can show."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from vaultkit.core.git.tree import Oid
from vaultkit.core.history.fold import Violation
from vaultkit.effects.state import StateFile
from vaultkit.memory.state import MemoryState
from vaultkit.ports import Held, Job, Pending, Seen, Stamp, State

A, B = Oid("a" * 40), Oid("b" * 40)


@pytest.fixture(params=["real", "memory"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> State:
    return StateFile(str(tmp_path / "state.db")) if request.param == "real" else MemoryState()


def test_a_file_is_found_again_by_its_number(state: State) -> None:
    """Every place where it was seen last, and no place where it is known to be gone."""
    for path, inode in (("b.md", 7), ("Notes/a.md", 7), ("Notes/c.md", 8), ("gone.md", 7)):
        state.see([(path, Seen(Stamp(1, 2, 3, inode), Oid("a" * 40)))])
    state.see([("gone.md", None)])
    assert state.places_of(7) == ["b.md", "Notes/a.md"]
    assert state.places_of(9) == []


def test_values_are_set_read_and_forgotten(state: State) -> None:
    """A named value is what was last put, and None forgets it."""
    state.put(head="1", base="2")
    state.put(head=None)
    assert (state.get("head"), state.get("base"), state.get("other")) == (None, "2", None)


def test_seen_is_by_folder(state: State) -> None:
    """What was seen in a folder comes back by name, and a path seen to be gone is forgotten."""
    seen = Seen(Stamp(1, 2, 3, 4), A)
    state.see([("F/a.md", seen), ("F/G/b.md", seen), ("top.md", seen), ("F/c\udce9.md", seen)])
    state.see([("F/a.md", None)])
    assert state.seen("F") == {"c\udce9.md": seen}
    assert state.seen("F/G") == {"b.md": seen}
    assert state.seen("") == {"top.md": seen}


def test_of_several_sightings_of_a_path_the_last_counts(state: State) -> None:
    """What was seen there and then gone is gone; what came back is there."""
    one, two = Seen(Stamp(1, 2, 3, 4), A), Seen(Stamp(2, 2, 3, 4), B)
    state.see([("a.md", one), ("a.md", None), ("b.md", None), ("b.md", two), ("c.md", one), ("c.md", two)])
    assert state.seen("") == {"b.md": two, "c.md": two}


def test_held_changes_stay_until_released(state: State) -> None:
    """A held path is there with its reason and its base until it is released."""
    held = Held("x.md", "zone", "you may not", False, A)
    state.hold([held, Held("y.md", "size", "too large", False, None)])
    state.hold([], ["y.md"])
    assert state.held() == [held]


def test_pending_writes_end_when_settled(state: State) -> None:
    """Writes under way are remembered, with what is done of them, and forgotten with the new state."""
    state.expect([Pending("a.md", A), Pending("b.md", None)])
    seen = Seen(Stamp(3, 4, 5, 6), A)
    state.wrote([("b.md", None), ("other.md", seen)])
    assert state.pending() == {"a.md": Pending("a.md", A), "b.md": Pending("b.md", None, done=True)}
    assert state.seen("") == {"other.md": seen}
    state.expect([Pending("b.md", A)])
    assert state.pending()["b.md"] == Pending("b.md", A)
    state.settle(head="h")
    assert state.pending() == {}
    assert state.get("head") == "h"


def test_a_violation_is_recorded_once(state: State) -> None:
    """The same violation seen again is not a second one; they come in the order they were recorded."""
    violation = Violation(A, "x.md", "cloud_agent", "zone", 5, "may not")
    state.report([violation])
    state.report([violation, Violation(B, "x.md", "cloud_agent", "zone", 4)])
    assert [v.commit for v in state.violations()] == [A, B]
    assert state.violations()[0] == violation


def test_what_a_person_has_seen_of_violations_stays_recorded(state: State) -> None:
    """Acknowledged violations are not among the unseen ones, and new ones are."""
    state.report([Violation(A, "x.md", "cloud_agent", "zone", 5)])
    state.acknowledge()
    state.report([Violation(A, "x.md", "cloud_agent", "zone", 5), Violation(B, "", "nobody", "object", 6)])
    assert [v.commit for v in state.violations(unseen=True)] == [B]
    assert [v.commit for v in state.violations()] == [A, B]


def test_a_job_is_due_once_and_its_key_stays_spent(state: State) -> None:
    """However often an occasion is announced, it is one job, also after it was done."""
    job = Job("k", "h", "{}", 0, 0.0)
    state.enqueue([job, job])
    state.retry("k", 9.0, "it broke")
    assert state.jobs() == [Job("k", "h", "{}", 1, 9.0)]
    assert state.failed_jobs() == [("k", "h", 1, "it broke")]
    state.finish("k")
    state.enqueue([job])
    assert state.jobs() == []
    assert state.failed_jobs() == []


def test_a_job_that_is_called_off_never_runs(state: State) -> None:
    """Neither one that is due nor one that would be enqueued later; what was run before is known to be."""
    done, due, later = (Job(f"n:{name}.md:h", "h", "{}", 0, 0.0) for name in ("done", "due", "later"))
    state.enqueue([done, due])
    state.finish(done.key)
    state.call_off([done.key, due.key, later.key])
    state.enqueue([due, later])
    assert state.jobs() == []
    assert state.failed_jobs() == []
    assert [state.begun_jobs(f"n:{name}.md") for name in ("done", "due", "later")] == [["h"], [], []]


def test_a_job_that_is_asked_for_again_is_due_and_was_begun(state: State) -> None:
    """Its tries are not forgotten: it may have had its effect. One that is over stays over."""
    state.enqueue([Job(f"n:{name}.md:h", "h", "{}", 0, 0.0) for name in ("x", "y")])
    state.retry("n:x.md:h", 9.0, "it broke")
    state.finish("n:y.md:h")
    state.ask_again(["n:x.md:h", "n:y.md:h", "unknown"])
    assert state.jobs() == [Job("n:x.md:h", "h", "{}", 1, 0.0)]
    assert state.begun_jobs("n:x.md") == ["h"]


def test_a_job_that_is_dropped_leaves_its_key_free(state: State) -> None:
    """Nothing of it is remembered, and it can be due again."""
    job = Job("every:5:h", "h", "{}", 0, 0.0)
    state.enqueue([job])
    state.retry(job.key, 9.0, "it broke")
    state.drop_job(job.key)
    assert (state.jobs(), state.failed_jobs(), state.begun_jobs("every:5")) == ([], [], [])
    state.enqueue([job])
    assert state.jobs() == [job]


def test_a_job_that_failed_was_begun(state: State) -> None:
    """A hook that failed may have had its effect all the same."""
    state.enqueue([Job("n:x.md:h", "h", "{}", 0, 0.0)])
    state.retry("n:x.md:h", 9.0, "it broke")
    assert state.begun_jobs("n:x.md") == ["h"]
    assert state.begun_jobs("n:x") == []


def test_conflicts_are_listed_in_order_and_once(state: State) -> None:
    """Each conflict copy is noted once, in the order they came."""
    state.note_conflict("x.md", "Conflicts/x 1.md", "both", 1)
    state.note_conflict("y.md", "Conflicts/y.md", "both", 2)
    state.note_conflict("x.md", "Conflicts/x 1.md", "both", 3)
    assert [c[1] for c in state.conflicts()] == ["Conflicts/x 1.md", "Conflicts/y.md"]


T = TypeVar("T")


def breaking_off(*values: T) -> Iterator[T]:
    """Some values, and then the disk they are read from fails."""
    yield from values
    raise OSError


CUT_SHORT: dict[str, Callable[[State], object]] = {
    "hold": lambda state: state.hold(breaking_off(Held("x.md", "zone", "no", False, A))),
    "release": lambda state: state.hold([Held("x.md", "zone", "no", False, A)], breaking_off("held.md")),
    "expect": lambda state: state.expect(breaking_off(Pending("x.md", A))),
    "report": lambda state: state.report(breaking_off(Violation(A, "x.md", "cloud_agent", "zone", 5))),
    "enqueue": lambda state: state.enqueue(breaking_off(Job("new", "h", "{}", 0, 0.0))),
    "call off": lambda state: state.call_off(breaking_off("k")),
    "ask again": lambda state: state.ask_again(breaking_off("k")),
}


@pytest.mark.parametrize("record", CUT_SHORT.values(), ids=CUT_SHORT)
def test_a_call_that_is_cut_short_records_nothing(state: State, record: Callable[[State], object]) -> None:
    """Each call is atomic: if what is to be recorded ends with an error, all is as it was."""
    held, job = Held("held.md", "zone", "no", False, A), Job("k", "h", "{}", 0, 0.0)
    state.hold([held])
    state.enqueue([job])
    with pytest.raises(OSError):
        record(state)
    assert (state.held(), state.jobs()) == ([held], [job])
    assert (state.pending(), state.violations()) == ({}, [])


def test_a_job_that_was_running_when_it_was_called_off_was_begun(state: State) -> None:
    """It may have had its effect, whether it ended well or not; one that did not run is none of them."""
    jobs = [Job(f"n:a.md:{hook}", hook, "{}", 0, 0.0) for hook in ("one", "two", "three")]
    state.enqueue(jobs)
    state.call_off(job.key for job in jobs)
    state.retry("n:a.md:two", 9.0, "it broke")
    state.finish("n:a.md:one")
    assert state.begun_jobs("n:a.md") == ["one", "two"]
    assert state.jobs() == []


def test_the_file_keeps_everything_across_processes(tmp_path: Path) -> None:
    """What one process put, the next one reads."""
    first = StateFile(str(tmp_path / "s.db"))
    first.put(head="1")
    first.expect([Pending("p.md", A)])
    first.close()
    second = StateFile(str(tmp_path / "s.db"))
    assert (second.get("head"), second.pending()) == ("1", {"p.md": Pending("p.md", A)})
    second.close()


def test_an_unreadable_file_is_set_aside_not_fatal(tmp_path: Path) -> None:
    """A damaged file is kept under another name and a new one begun: all in it can be observed again."""
    (tmp_path / "s.db").write_bytes(b"this is no database at all, not even nearly" * 100)
    state = StateFile(str(tmp_path / "s.db"))
    assert state.recovered
    assert state.get("head") is None
    assert (tmp_path / "s.db.corrupt-1").exists()
    state.close()


def test_many_sightings_go_in_and_come_out(tmp_path: Path) -> None:
    """A large first look is stored whole."""
    state = StateFile(str(tmp_path / "s.db"))
    state.see((f"F{n % 10}/{n}.md", Seen(Stamp(n, n, n, n), A)) for n in range(12_345))
    assert sum(len(state.seen(f"F{n}")) for n in range(10)) == 12_345
    state.close()


def test_a_kill_while_writing_leaves_a_file_that_opens(tmp_path: Path) -> None:
    """A process killed in the middle of its writes leaves each of them done or not done."""
    path = str(tmp_path / "s.db")
    program = f"""
        from vaultkit.effects.state import StateFile
        state = StateFile({path!r})
        n = 0
        while True:
            n += 1
            state.put(one=str(n), two=str(n))
            print(n, flush=True)
    """
    for _ in range(5):
        child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE)
        assert child.stdout
        for _ in range(20):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        child.communicate()
        state = StateFile(path)
        assert not state.recovered
        assert state.get("one") == state.get("two")
        assert int(state.get("one") or 0) >= 20
        state.close()
