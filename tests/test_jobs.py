"""Acting hooks: called at least once for what is published, tried again, switched off, never in the way."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.sim.world import Replica, World
from vaultkit.core.git.message import add_trailer
from vaultkit.core.hooks.calls import BY_HOOK
from vaultkit.core.hooks.draft import Draft
from vaultkit.core.hooks.hook_check import collect_hooks
from vaultkit.core.hooks.hook_marks import (
    after_change,
    after_create,
    after_move,
    after_status,
    on_create,
    on_move,
    on_schedule,
)
from vaultkit.core.hooks.occasions import HookChange, HookMove, HookTick
from vaultkit.core.rules.commit_marks import UPKEEP
from vaultkit.errors import UsageError
from vaultkit.hook_failures import MOST_JOBS, MOST_PLANS, HookFailures
from vaultkit.hook_status import drop_calls, failed_hooks, hook_troubles, waiting_calls
from vaultkit.jobs import MOST_IN_A_ROW, MOST_TRIES, JobsReport, run_jobs
from vaultkit.memory.lock import MemoryLock
from vaultkit.overseer import Overseer, acting_hook

LONG = 60.0
"""Seconds that a test waits for what comes at once, on a machine that is busy with other things."""


@pytest.fixture
def world() -> World:
    return World(7)


@pytest.fixture
def local(world: World) -> Replica:
    return world.replicas[0]


@pytest.fixture
def cloud(world: World) -> Replica:
    return world.replicas[1]


def use(replica: Replica, *functions: object) -> None:
    """From now on these hooks are enabled there."""
    replica.desk.hooks = collect_hooks({f"f{n}": function for n, function in enumerate(functions)}, "mine")


def put(replica: Replica, *paths: str) -> None:
    """New notes there, and published."""
    for path in paths:
        replica.disk.put(path, f"{path}\n".encode())
    assert replica.sync().in_step


def run(replica: Replica, *, scheduled: bool = False) -> JobsReport:
    return run_jobs(replica.desk, MemoryLock(), None, scheduled=scheduled)


def pass_time(replica: Replica, seconds: float = 100_000) -> None:
    replica.clock.sleep(seconds)


def test_a_failing_call_is_tried_again_ever_later_and_then_given_up(local: Replica) -> None:
    """Each pause is longer than the last; after the last try it waits for a person to ask for one more."""
    pauses, works = [], []

    @after_create("Notes/**")
    def fails(change: HookChange) -> None:
        pauses.append(local.clock.now())
        if not works:
            raise RuntimeError("the printer is off")

    use(local, fails)
    put(local, "Notes/a.md")
    for _ in range(2000):
        run(local)
        pass_time(local, 1)
    gaps = [later - earlier for earlier, later in pairwise(pauses)]
    assert len(pauses) == MOST_TRIES
    assert gaps == sorted(gaps)
    assert gaps[-1] > 4 * gaps[0]
    (failed,) = failed_hooks(local.desk)
    assert (failed.hook, failed.note, failed.given_up) == ("mine.fails", "Notes/a.md", True)
    assert "the printer is off" in failed.error
    local.desk.state.ask_again([failed.key])
    assert "given up" in run(local).problems[0]
    works.append(True)
    assert run(local).done == 0
    local.desk.state.ask_again([failed.key])
    assert run(local).done == 1
    assert failed_hooks(local.desk) == []


def test_a_call_is_dropped_only_once_it_waits_for_a_person(local: Replica) -> None:
    """Not while it is still tried; given up, or of a hook that is off, it is dropped and never made."""

    @after_create("Notes/**")
    def fails(change: HookChange) -> None:
        raise RuntimeError("the printer is off")

    use(local, fails)
    put(local, "Notes/a.md", "Notes/b.md")
    assert [call.why for call in waiting_calls(local.desk)] == ["", ""]
    with pytest.raises(UsageError, match="still made"):
        drop_calls(local.desk, "mine.fails")
    for _ in range(MOST_TRIES):
        run(local)
        pass_time(local)
    assert [call.why for call in waiting_calls(local.desk)] == ["given up", "given up"]
    assert [call.note for call in drop_calls(local.desk, "mine", "Notes/a.md")] == ["Notes/a.md"]
    put(local, "Notes/c.md")
    HookFailures(local.desk.state).count("mine.fails", "Notes/a.md", "off", most=1)
    assert [call.why for call in waiting_calls(local.desk)] == ["off", "off"]
    assert len(drop_calls(local.desk, "mine.fails")) == 2
    HookFailures(local.desk.state).forget("mine.fails")
    assert run(local).problems == []
    assert failed_hooks(local.desk) == []


def test_a_hook_that_fails_note_after_note_is_off_until_somebody_looked(local: Replica) -> None:
    """Its calls wait, those of others go on, and once it is on again nothing was forgotten."""
    works, done, others = [], [], []

    @after_create("Notes/**")
    def fails(change: HookChange) -> None:
        if not works:
            raise RuntimeError("no")
        done.append(change.path)

    @after_create("Notes/**")
    def other(change: HookChange) -> None:
        others.append(change.path)

    use(local, fails, other)
    paths = [f"Notes/{n}.md" for n in range(MOST_JOBS + 2)]
    put(local, *paths[:-1])
    told = []
    for _ in range(MOST_TRIES + 2):
        told += run(local).problems
        pass_time(local)
    assert [word for word in told if "it is off now: `vaultkit hooks enable mine`" in word]
    put(local, paths[-1])
    assert run(local) == JobsReport(1, [])
    (trouble,) = hook_troubles(local.desk, local.desk.hooks)
    assert (trouble.hook, trouble.is_off, trouble.error) == ("mine.fails", True, "RuntimeError: no")
    assert trouble.note in paths
    assert sorted(others) == paths
    works.append(True)
    HookFailures(local.desk.state).forget("mine.fails")
    local.desk.state.ask_again(failed.key for failed in failed_hooks(local.desk))
    run(local)
    assert sorted(done) == paths
    assert hook_troubles(local.desk, local.desk.hooks) == []


def test_one_note_that_a_hook_cannot_deal_with_does_not_switch_it_off(local: Replica) -> None:
    """It is given up; the hook goes on with the others."""
    done = []

    @after_create("Notes/**")
    def picky(change: HookChange) -> None:
        if "bad" in change.path:
            raise RuntimeError("no")
        done.append(change.path)

    use(local, picky)
    for n in range(MOST_JOBS + 1):
        put(local, f"Notes/bad{n}.md", f"Notes/good{n}.md")
        for _ in range(MOST_TRIES):
            run(local)
            pass_time(local)
    assert len(done) == len([f for f in failed_hooks(local.desk) if f.given_up]) == MOST_JOBS + 1
    assert hook_troubles(local.desk, local.desk.hooks) == []


def test_the_calls_of_a_hook_that_is_not_enabled_wait(local: Replica) -> None:
    """They neither fail nor count as begun, and run once it is enabled again."""
    done = []

    @after_create("Notes/**")
    def later(change: HookChange) -> None:
        done.append(change.path)

    use(local, later)
    put(local, "Notes/a.md")
    use(local)
    for _ in range(3):
        assert run(local) == JobsReport()
        pass_time(local)
    assert failed_hooks(local.desk) == []
    (job,) = local.desk.state.jobs()
    assert local.desk.state.begun_jobs(job.key.removesuffix(":mine.later")) == []
    use(local, later)
    assert run(local).done == 1
    assert done == ["Notes/a.md"]


# What arrives


def test_a_hook_may_act_on_what_arrives(local: Replica, cloud: Replica) -> None:
    """Once, on the machine that receives it, told who signed it; its own changes are no such thing."""
    seen: list[HookMove | HookChange] = []

    @after_create("Needs_Action/**", origin="remote")
    def came(change: HookChange) -> None:
        seen.append(change)

    @after_status("needs_action", "done", origin="any")
    def finished(move: HookMove) -> None:
        seen.append(move)

    use(local, came, finished)
    put(local, "Needs_Action/own.md")
    put(cloud, "Needs_Action/a.md")
    for _ in range(3):
        local.sync()
        run(local)
    assert [(one.path, one.agent, one.origin) for one in seen] == [
        ("Needs_Action/a.md", "cloud_agent", "remote")
    ]
    cloud.sync()
    cloud.disk.move("Needs_Action/a.md", "Done/a.md")
    local.disk.move("Needs_Action/own.md", "Done/own.md")
    cloud.sync()
    for _ in range(3):
        local.sync()
        run(local)
    assert sorted((one.path, one.agent, one.origin) for one in seen[1:]) == [
        ("Done/a.md", "cloud_agent", "remote"),
        ("Done/own.md", "local_agent", "local"),
    ]
    keys = [one.key for one in seen]
    assert len(set(keys)) == len(keys)


def test_what_a_vault_finds_when_it_joins_did_not_arrive(world: World, local: Replica) -> None:
    """The past is not news, and nobody is flooded with it."""
    seen = []

    @after_create("**", origin="remote")
    def came(change: HookChange) -> None:
        seen.append(change.path)

    put(local, "Needs_Action/old.md")
    late = Replica(world, "cloud_agent", 99)
    use(late, came)
    late.begin(trusted=local.desk.trusted)
    run(late)
    assert "Needs_Action/old.md" in late.notes()
    put(local, "Needs_Action/new.md")
    late.sync()
    run(late)
    assert seen == ["Needs_Action/new.md"]


# What hooks do themselves


def as_hook(replica: Replica, *paths: str, look_at: frozenset[str] | None = frozenset()) -> None:
    """A change that the hook `mine.worker` makes through its vault."""
    for path in paths:
        replica.disk.put(path, f"{path} by a hook\n".encode())
    token = acting_hook.set("mine.worker")
    try:
        assert replica.driver.run_cycle(frozenset(paths) if look_at == frozenset() else look_at).in_step
    finally:
        acting_hook.reset(token)


def recorders(called: list[str]) -> tuple[Callable[..., Any], ...]:
    """Hooks for new notes that remember being called: planning and acting, with `again` and without."""

    @on_create("**")
    def plans(change: HookChange) -> None:
        called.append(f"plans {change.path}")

    @on_create("**", again=True)
    def plans_again(change: HookChange) -> None:
        called.append(f"plans again {change.path}")

    @after_create("**", origin="any")
    def acts(change: HookChange) -> None:
        called.append(f"acts {change.path}")

    @after_create("**", origin="any", again=True)
    def acts_again(change: HookChange) -> None:
        called.append(f"acts again {change.path}")

    return plans, plans_again, acts, acts_again


def test_what_a_hook_changes_calls_only_hooks_that_ask_for_it(local: Replica, cloud: Replica) -> None:
    """Here and on the machines where it arrives; so no two hooks call each other for ever."""
    here: list[str] = []
    there: list[str] = []
    use(local, *recorders(here))
    use(cloud, *recorders(there))
    as_hook(local, "Plans/a.md")
    run(local)
    cloud.sync()
    run(cloud)
    assert here == ["plans again Plans/a.md", "acts again Plans/a.md"]
    assert there == ["acts again Plans/a.md"]


def test_upkeep_of_the_dashboard_calls_only_hooks_that_ask_for_it(local: Replica) -> None:
    """It is nobody's edit, and a hook whose work shows on the Dashboard would call itself by it."""
    called: list[str] = []
    use(local, *recorders(called))
    local.disk.put("Dashboard.md", b"all is well\n")
    local.driver.run_cycle(frozenset(["Dashboard.md"]), message=add_trailer("the Dashboard", UPKEEP, "yes"))
    run(local)
    assert called == ["plans again Dashboard.md", "acts again Dashboard.md"]


@pytest.mark.parametrize("look_at", [None, frozenset(["Plans/a.md"])], ids=["everywhere", "at a part of it"])
def test_what_a_person_did_meanwhile_is_no_hooks_doing(
    local: Replica, look_at: frozenset[str] | None
) -> None:
    """A drag that a hook's own cycle comes upon calls what it calls; else an approval would be lost."""
    called = []

    @after_move("Pending_Approval/**", "Approved/**")
    def deliver(move: HookMove) -> None:
        called.append(move.path)

    use(local, deliver)
    put(local, "Pending_Approval/x.md")
    local.disk.move("Pending_Approval/x.md", "Approved/x.md")
    as_hook(local, "Plans/a.md", look_at=look_at)
    local.sync()
    pass_time(local)
    run(local)
    assert called == ["Approved/x.md"]


def test_a_note_that_only_planning_hooks_touched_calls_nobody(local: Replica) -> None:
    """An index that one hook keeps is no edit of anybody; the note that was edited is."""
    called = []

    @on_create("Notes/**")
    def index(change: HookChange, draft: Draft) -> None:
        draft["index.md"].meta["last"] = change.path
        draft[change.path].meta["listed"] = True

    @after_change("**")
    def edited(change: HookChange) -> None:
        called.append(change.path)

    @after_create("**")
    def made(change: HookChange) -> None:
        called.append(change.path)

    @after_change("**", again=True)
    def edited_again(change: HookChange) -> None:
        called.append(f"again {change.path}")

    put(local, "index.md")
    use(local, index, edited, made, edited_again)
    put(local, "Notes/a.md")
    run(local)
    assert b"last: Notes/a.md" in local.notes()["index.md"]
    assert sorted(called) == ["Notes/a.md", "again index.md"]


# By the clock


def test_a_hook_is_called_every_so_often(local: Replica) -> None:
    """At first, then when its time has come; after a long sleep once, and a clock put back is no trouble."""
    ticks: list[HookTick] = []

    @on_schedule("1h")
    def hourly(tick: HookTick) -> None:
        ticks.append(tick)

    use(local, hourly)
    assert run(local).done == 0
    for seconds, done in ((0, 1), (1800, 0), (1800, 1), (10, 0), (86400, 1), (10, 0), (-90000, 1), (10, 0)):
        pass_time(local, seconds)
        assert run(local, scheduled=True).done == done, seconds
    assert [tick.last for tick in ticks] == [None, *(tick.time for tick in ticks[:-1])]
    assert local.desk.state.jobs() == []


def test_a_moment_that_failed_is_tried_again_and_then_the_next_one_comes(local: Replica) -> None:
    """A failing one does not hold up its hook for ever, and one that goes on failing is off."""
    tries = []

    @on_schedule("1h")
    def fails(tick: HookTick) -> None:
        tries.append(tick.key)
        raise RuntimeError("offline")

    use(local, fails)
    for _ in range(MOST_TRIES * (MOST_JOBS + 3)):
        run(local, scheduled=True)
        pass_time(local, 4000)
    assert len(tries) == MOST_TRIES * MOST_JOBS
    assert len(set(tries)) == MOST_JOBS
    assert hook_troubles(local.desk, local.desk.hooks)[0].is_off


def test_what_is_disabled_while_a_call_is_made_is_not_called_any_more(local: Replica) -> None:
    """Those that queue behind it wait, and one that is dropped then is never made, though enabled again."""
    called = []

    @after_create("Notes/**")
    def slow(change: HookChange) -> None:
        called.append(change.path)
        use(local)
        assert len(waiting_calls(local.desk)) == 4 - len(called)
        if len(called) == 2:
            drop_calls(local.desk, "mine", "Notes/c.md")
            use(local, slow)

    use(local, slow)
    put(local, "Notes/a.md", "Notes/b.md", "Notes/c.md")
    run(local)
    assert called == ["Notes/a.md"]
    use(local, slow)
    run(local)
    assert called == ["Notes/a.md", "Notes/b.md"]
    assert waiting_calls(local.desk) == []


# Planning hooks that fail


def test_a_planning_hook_that_goes_on_failing_is_told_and_then_off(local: Replica) -> None:
    """The notes sync without it, each time it is told, and one success makes all well again."""
    works = [True]

    @on_move("A/**", "B/**")
    def stamp(move: HookMove, draft: Draft) -> None:
        if not works:
            raise RuntimeError("no")
        draft[move.path].meta["stamped"] = True

    use(local, stamp)
    names = iter(range(1000))

    def drag() -> list[str]:
        name = f"{next(names)}.md"
        put(local, f"A/{name}")
        local.disk.move(f"A/{name}", f"B/{name}")
        report = local.sync()
        assert report.in_step
        assert f"B/{name}" in local.notes()
        return report.problems

    works.clear()
    assert "mine.stamp could not edit the note: RuntimeError: no" in drag()[0]
    assert hook_troubles(local.desk, local.desk.hooks)[0].count == 1
    works.append(True)
    assert drag() == []
    assert hook_troubles(local.desk, local.desk.hooks) == []
    works.clear()
    told = [drag() for _ in range(MOST_PLANS + 2)]
    assert "it is off now: `vaultkit hooks enable mine`" in told[MOST_PLANS - 1][0]
    assert told[MOST_PLANS:] == [[], []]
    works.append(True)
    HookFailures(local.desk.state).forget("mine.stamp")
    assert drag() == []
    assert b"stamped: true" in local.notes()[f"B/{next(names) - 1}.md"]


# Hooks that take long


def test_a_hook_that_does_not_end_is_left_to_itself(local: Replica, caplog: pytest.LogCaptureFixture) -> None:
    """It counts as failed, the others are called, and it is not started again before it has ended."""
    go_on, called = threading.Event(), []

    @after_create("Notes/**")
    def waits(change: HookChange) -> None:
        called.append(change.path)
        go_on.wait(LONG)

    @after_create("Notes/**")
    def other(change: HookChange) -> None:
        called.append(f"other {change.path}")

    use(local, waits, other)
    local.desk.overseer = Overseer(slow=0.01, limit=0.3)
    put(local, "Notes/a.md", "Notes/b.md")
    with caplog.at_level(logging.WARNING, "vaultkit"):
        report = run(local)
    assert report.done == 2
    assert "mine.waits has been at work" in caplog.text
    assert "did not end within" in report.problems[0]
    assert sorted(called) == ["Notes/a.md", "other Notes/a.md", "other Notes/b.md"]
    pass_time(local)
    assert run(local) == JobsReport()
    go_on.set()
    wait_for(lambda: not local.desk.overseer.is_running("mine.waits"))
    local.desk.overseer = Overseer(limit=LONG)
    assert run(local).done == 2
    assert sorted(called)[:3] == ["Notes/a.md", "Notes/a.md", "Notes/b.md"]


def test_a_hook_whose_time_is_short_is_not_said_to_take_long(
    local: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    """Its time is over first, and only that is told: with the kind of error that the Dashboard shows."""
    go_on = threading.Event()

    @after_create("Notes/**")
    def waits(change: HookChange) -> None:
        go_on.wait(LONG)

    use(local, waits)
    local.desk.overseer = Overseer(limit=0.2)
    put(local, "Notes/a.md")
    with caplog.at_level(logging.WARNING, "vaultkit"):
        report = run(local)
    go_on.set()
    assert "has been at work" not in caplog.text
    assert "HookTooSlow: it did not end within" in report.problems[0]


def test_a_planning_hook_that_takes_long_is_named(local: Replica, caplog: pytest.LogCaptureFixture) -> None:
    """The sync has to wait for it, so it is said which one it is, at which note, and what ends it."""

    @on_create("Notes/**")
    def loops(change: HookChange) -> None:
        wait_for(lambda: "mine.loops" in caplog.text)

    use(local, loops)
    local.desk.overseer = Overseer(slow=0.05)
    with caplog.at_level(logging.WARNING, "vaultkit"):
        put(local, "Notes/a.md")
    assert "Notes/a.md" in caplog.text
    assert "vaultkit hooks disable mine" in caplog.text


def test_a_hook_that_wants_to_end_the_program_only_fails(local: Replica) -> None:
    """`sys.exit` in a hook is an error of the hook's; so is what it raises in its own thread."""

    @after_create("Notes/**")
    def ends(change: HookChange) -> None:
        raise SystemExit(3)

    use(local, ends)
    put(local, "Notes/a.md")
    assert "SystemExit: 3" in run(local).problems[0]
    pass_time(local)
    local.desk.overseer = Overseer(limit=LONG)
    assert "SystemExit: 3" in run(local).problems[0]


def test_hooks_that_call_each_other_for_ever_are_switched_off(local: Replica, cloud: Replica) -> None:
    """Two on one machine, or on two: after so many calls in a row that is told, and ended."""
    called = []

    @after_change("Notes/**", origin="any", again=True)
    def answers(change: HookChange, vault: Replica) -> None:
        called.append(change.path)
        vault.disk.put(change.path, f"{len(called)}\n".encode())
        assert vault.driver.run_cycle(frozenset([change.path])).in_step

    def in_turns() -> list[str]:
        problems = []
        for replica in (local, cloud):
            assert replica.sync().in_step
            problems += run_jobs(replica.desk, MemoryLock(), replica).problems
        return problems

    put(local, "Notes/a.md")
    cloud.sync()
    for replica in (local, cloud):
        use(replica, answers)
        replica.desk.overseer = Overseer(limit=LONG)
    local.disk.put("Notes/a.md", b"typed\n")
    problems = [problem for _ in range(MOST_IN_A_ROW * 2) for problem in in_turns()]
    assert len(called) <= MOST_IN_A_ROW * 2
    assert all("loop" in problem for problem in problems)
    assert any("hooks enable mine" in problem for problem in problems)
    assert any(trouble.is_off for trouble in hook_troubles(local.desk, local.desk.hooks))


def test_what_others_say_of_their_hooks_switches_none_of_ours_off(local: Replica, cloud: Replica) -> None:
    """A commit that claims to be the work of a thousand hooks in a row just calls nobody."""
    called = []

    @after_create("Updates/**", origin="remote", again=True)
    def reads(change: HookChange) -> None:
        called.append(change.path)

    use(local, reads)
    for path, depth in (("Updates/a.md", 1000), ("Updates/b.md", 1)):
        cloud.disk.put(path, b"news\n")
        cloud.driver.run_cycle(frozenset([path]), message=add_trailer("news", BY_HOOK, f"x ({depth})"))
    local.sync()
    assert "was not called" in run(local).problems[0]
    assert called == ["Updates/b.md"]
    assert not any(trouble.is_off for trouble in hook_troubles(local.desk, local.desk.hooks))


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
