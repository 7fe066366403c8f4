"""Claims among three agents, told step by step: who is first, who sleeps, who takes over, what is left."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from tests.sim.world import Replica, World
from tests.trees import with_mail_agent
from vaultkit.claims import Claims
from vaultkit.core.cycle.protocol import Push
from vaultkit.core.text.note import read_meta
from vaultkit.errors import (
    AlreadyClaimed,
    ClaimLost,
    NotClaimable,
    RefusedByPolicy,
    RemoteUnreachable,
    StillHeld,
    Unconfirmed,
    VaultError,
)
from vaultkit.holding import Held, Holding
from vaultkit.moves import Moves

AGENTS = ("local_agent", "cloud_agent", "mail_agent")
TASK = "Needs_Action/email/t.md"
TEXT = b"---\nid: 7\n---\n# A task\n\nwith some words\n"
LEASE = 900.0


@pytest.fixture
def world() -> World:
    world = World(1, AGENTS, with_mail_agent().encode())
    world.replicas[0].disk.put(TASK, TEXT)
    world.settle()
    return world


def holding(replica: Replica) -> Holding:
    return Holding(replica.desk, replica.driver)


def place(agent: str) -> str:
    return f"In_Progress/{agent}/email/t.md"


def places(world: World) -> set[tuple[str, ...]]:
    """Where each machine has the task; one entry if all agree."""
    return {
        tuple(path for path, data in sorted(replica.notes().items()) if b"with some words" in data)
        for replica in world.replicas
    }


def sleep(seconds: float, *replicas: Replica) -> None:
    """Time goes by, and these look at the remote meanwhile."""
    for _ in range(10):
        for replica in replicas:
            replica.clock.sleep(seconds / 10)
            replica.driver.run_cycle(frozenset())


def epoch(replica: Replica, path: str) -> object:
    return read_meta(replica.notes()[path]).get("claim_epoch")


def unplugged(replica: Replica, work: Callable[[], object]) -> None:
    """Do something without the remote."""
    remote, replica.desk.remote = replica.desk.remote, Unplugged()  # type: ignore[assignment]
    try:
        work()
    finally:
        replica.desk.remote = remote


class Unplugged:
    """A remote that nobody reaches."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def fail(*_: object) -> object:
            raise RemoteUnreachable("the cable is out")

        return fail


# Who is first


def test_each_claim_of_a_note_has_a_higher_epoch(world: World) -> None:
    """Claimed, released, claimed by another, handed over by the person: 1, 1, 2, 3."""
    local, cloud, mail = world.replicas
    assert holding(cloud).claim(TASK).mark.epoch == 1
    assert holding(cloud).release("t.md") == TASK
    assert "owner" not in read_meta(cloud.notes()[TASK])
    assert holding(mail).claim("t.md").mark.epoch == 2
    local.sync()
    local.disk.rename(place("mail_agent"), place("cloud_agent"))
    world.settle()
    assert epoch(cloud, place("cloud_agent")) == 3
    assert read_meta(cloud.notes()[place("cloud_agent")])["owner"] == "cloud_agent"


def test_three_drags_of_one_task_have_one_winner_and_two_explanations(world: World) -> None:
    """The first to publish has it; the others' drags are undone, and their machines say who was first."""
    for replica in world.replicas:
        replica.disk.rename(TASK, place(replica.agent))
    reports = {replica.agent: replica.sync() for replica in world.replicas[::-1]}
    world.settle()
    assert places(world) == {(place("mail_agent"),)}
    assert not reports["mail_agent"].overruled
    for agent in ("cloud_agent", "local_agent"):
        assert [(one.wanted, one.stands, one.by) for one in reports[agent].overruled] == [
            (place(agent), place("mail_agent"), "mail_agent")
        ]
    assert epoch(world.replicas[0], place("mail_agent")) == 1


def test_a_person_hands_a_task_to_an_agent_while_another_claims_it(world: World) -> None:
    """The person's drag came first, so the claim is told who has the task now."""
    local, cloud, mail = world.replicas
    local.disk.rename(TASK, place("cloud_agent"))
    local.sync()
    with pytest.raises(AlreadyClaimed) as lost:
        holding(mail).claim(TASK)
    assert lost.value.by == "cloud_agent"
    world.settle()
    assert places(world) == {(place("cloud_agent"),)}
    assert holding(cloud).claim(TASK).path == place("cloud_agent")


def test_a_claim_repeated_is_the_same_claim_renewed(world: World) -> None:
    """Same epoch, and the lease counts from now on."""
    cloud = world.replicas[1]
    first = holding(cloud).claim(TASK)
    cloud.clock.sleep(600)
    assert holding(cloud).lease.seconds_left() < LEASE - 500
    again = holding(cloud).claim(TASK)
    assert again.mark == first.mark
    assert holding(cloud).lease.seconds_left() > LEASE - 10


def test_a_claim_offline_is_none(world: World) -> None:
    """Unconfirmed at first, and also when it is asked for again."""
    cloud = world.replicas[1]

    def claim_twice() -> None:
        for _ in range(2):
            with pytest.raises(Unconfirmed):
                holding(cloud).claim(TASK)

    unplugged(cloud, claim_twice)
    assert holding(cloud).claim(TASK).path == place("cloud_agent")
    world.settle()
    assert places(world) == {(place("cloud_agent"),)}


def test_a_task_that_got_an_owner_meanwhile_is_not_claimed_by_another(world: World) -> None:
    """The drag is undone and explained, nothing is left of it, and no copy is made of mere stamps."""
    local, cloud, mail = world.replicas
    local.disk.put(TASK, TEXT.replace(b"id: 7\n", b"id: 7\nowner: cloud\n"))
    local.sync()
    mail.disk.rename(TASK, place("mail_agent"))
    report = mail.sync()
    world.settle()
    assert places(world) == {(TASK,)}
    assert [(one.path, one.by) for one in report.overruled] == [(TASK, "cloud_agent")]
    assert not mail.desk.state.held()
    with pytest.raises(RefusedByPolicy, match="owns"):
        holding(mail).claim(TASK)
    assert holding(cloud).claim(TASK).path == place("cloud_agent")


def test_words_written_into_a_note_that_got_an_owner_meanwhile_are_kept_aside(world: World) -> None:
    """Two agents write into one note at once, one of them makes it his own: the other's words are a copy."""
    local, cloud, mail = world.replicas
    local.disk.put("Plans/p.md", TEXT)
    world.settle()
    cloud.disk.put("Plans/p.md", TEXT.replace(b"id: 7\n", b"id: 7\nowner: cloud\n"))
    cloud.sync()
    mail.disk.put("Plans/p.md", TEXT + b"mail's words\n")
    mail.sync()
    world.settle()
    for replica in world.replicas:
        assert b"mail's words" not in replica.notes()["Plans/p.md"]
        copies = [data for path, data in replica.notes().items() if path.startswith("Conflicts/Plans/p")]
        assert [b"mail's words" in data for data in copies] == [True]


def test_an_owned_note_stays_owned_on_the_disk_it_was_changed_on(world: World) -> None:
    """What another agent does to it is held there, with the reason, and reaches nobody."""
    local, _, mail = world.replicas
    local.disk.put("Plans/p.md", TEXT.replace(b"id: 7\n", b"id: 7\nowner: cloud\n"))
    world.settle()
    mail.disk.take("Plans/p.md")
    report = mail.sync()
    assert [(held.path, held.rule) for held in report.held] == [("Plans/p.md", "owner")]
    assert "cloud_agent owns this note" in report.held[0].detail
    world.settle()
    assert "Plans/p.md" in local.notes()


# Taking over


def claimed_by_cloud(world: World) -> Held:
    """Cloud has the task, and Mail knows."""
    held = holding(world.replicas[1]).claim(TASK)
    world.replicas[2].driver.run_cycle()
    return held


def test_a_task_is_taken_over_after_a_whole_lease_of_silence(world: World) -> None:
    """Before that StillHeld says how long; then the task is Mail's, and Cloud's claim is over."""
    _, cloud, mail = world.replicas
    held = claimed_by_cloud(world)
    sleep(LEASE * 0.6, mail)
    with pytest.raises(StillHeld) as still:
        holding(mail).take_over("t.md")
    assert still.value.by == "cloud_agent"
    assert LEASE * 0.3 < still.value.seconds <= LEASE * 0.4 + 1
    sleep(LEASE * 0.5, mail)
    taken = holding(mail).take_over("t.md")
    assert (taken.path, taken.mark.epoch) == (place("mail_agent"), 2)
    cloud.clock.sleep(LEASE * 1.1)
    with pytest.raises(ClaimLost) as lost:
        holding(cloud).check(held)
    assert lost.value.by == "mail_agent"
    world.settle()
    assert places(world) == {(place("mail_agent"),)}


def test_whatever_the_holder_publishes_begins_the_lease_anew(world: World) -> None:
    """Also a note that has nothing to do with the task."""
    _, cloud, mail = world.replicas
    claimed_by_cloud(world)
    sleep(LEASE * 0.9, mail)
    cloud.disk.put("Updates/alive.md", b"still here\n")
    cloud.sync()
    sleep(LEASE * 0.9, mail)
    with pytest.raises(StillHeld):
        holding(mail).take_over("t.md")


def test_who_did_not_watch_may_not_take_over(world: World) -> None:
    """A machine that was off, or saw the remote fail, has seen no silence, however much time went by."""
    local, _, mail = world.replicas
    claimed_by_cloud(world)
    mail.clock.sleep(LEASE * 3)
    with pytest.raises(StillHeld):
        holding(mail).take_over("t.md")
    sleep(LEASE * 0.9, mail)
    unplugged(mail, mail.driver.run_cycle)
    sleep(LEASE * 0.9, mail)
    with pytest.raises(StillHeld):
        holding(mail).take_over("t.md")
    sleep(LEASE * 0.2, mail)
    assert holding(mail).take_over("t.md").path == place("mail_agent")
    local.sync()
    assert place("mail_agent") in local.notes()


def test_what_was_watched_outlives_the_process_but_not_the_run_of_the_system(world: World) -> None:
    """Another process of the same run may go by what is kept; after a reboot the watching begins anew."""
    _, _, mail = world.replicas
    claimed_by_cloud(world)
    sleep(LEASE * 1.1, mail)
    mail.clock.boot = lambda: "after a reboot"  # type: ignore[method-assign]
    with pytest.raises(StillHeld):
        holding(mail).take_over("t.md")
    del mail.clock.boot
    sleep(LEASE * 1.3, mail)
    assert holding(mail).take_over("t.md").path == place("mail_agent")


def test_a_drag_by_an_agent_is_no_takeover_and_one_by_the_person_is(world: World) -> None:
    """What Mail's machine drags out of Cloud's folder is held, silence or not; the person may always drag."""
    local, _, mail = world.replicas
    claimed_by_cloud(world)
    sleep(LEASE * 1.1, mail)
    mail.disk.rename(place("cloud_agent"), place("mail_agent"))
    assert {held.rule for held in mail.sync().held} == {"take-over"}
    mail.disk.rename(place("mail_agent"), place("cloud_agent"))
    local.sync()
    local.disk.rename(place("cloud_agent"), place("local_agent"))
    world.settle()
    assert places(world) == {(place("local_agent"),)}


def test_nobody_takes_over_from_a_person(world: World) -> None:
    """However long the person's machine is silent, the task stays theirs."""
    local, _, mail = world.replicas
    holding(local).claim(TASK)
    mail.sync()
    sleep(LEASE * 1.1, mail)
    with pytest.raises(RefusedByPolicy, match="nobody takes a task from a person"):
        holding(mail).take_over("t.md")


def just_before_it_pushes(
    replica: Replica, work: Callable[[], object], meanwhile: Callable[[], object]
) -> None:
    """Run `work`; what happens `meanwhile` does so before the first push of it reaches the remote."""
    todo, push = [meanwhile], replica.driver._perform[Push]

    def late(action: Push) -> object:
        if todo:
            todo.pop()()
        return push(action)

    replica.driver._perform[Push] = late  # type: ignore[assignment]
    try:
        work()
    finally:
        replica.driver._perform[Push] = push


def test_a_holder_that_wakes_up_just_then_keeps_its_task(world: World) -> None:
    """Its sign of life comes between the takeover's look and its push: the takeover is taken back."""
    _, cloud, mail = world.replicas
    held = claimed_by_cloud(world)
    sleep(LEASE * 1.1, mail)
    cloud.clock.sleep(LEASE * 1.1)

    def take_over() -> None:
        with pytest.raises(AlreadyClaimed) as lost:
            holding(mail).take_over("t.md")
        assert lost.value.by == "cloud_agent"

    just_before_it_pushes(mail, take_over, lambda: holding(cloud).check(held))
    assert holding(cloud).check(held) == held
    world.settle()
    assert places(world) == {(place("cloud_agent"),)}
    assert not any(path.startswith("Conflicts/") for path in mail.notes())


def test_a_takeover_that_was_killed_before_it_was_published_never_is(world: World) -> None:
    """What it knew of the silence is old news later, so the next cycle takes it back."""
    _, _, mail = world.replicas
    claimed_by_cloud(world)
    sleep(LEASE * 1.1, mail)

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    def take_over() -> None:
        with pytest.raises(Killed):
            holding(mail).take_over("t.md")

    just_before_it_pushes(mail, take_over, kill)
    assert place("mail_agent") in mail.notes()
    mail.disk.put(place("mail_agent"), mail.notes()[place("mail_agent")] + b"begun already\n")
    world.settle()
    assert (place("cloud_agent"),) == tuple(
        path for path in sorted(world.replicas[0].notes()) if path.startswith("In_Progress/")
    )
    for replica in world.replicas:
        copies = [data for path, data in replica.notes().items() if path.startswith("Conflicts/")]
        assert sum(b"begun already" in data for data in copies) == 1


def test_the_person_waits_too_where_it_is_no_drag(world: World) -> None:
    """By command a person takes over what an agent dropped, not what it works on."""
    local, cloud, _ = world.replicas
    held = claimed_by_cloud(world)
    local.sync()
    with pytest.raises(StillHeld):
        holding(local).take_over("t.md")
    sleep(LEASE * 1.2, local)
    assert holding(local).take_over("t.md").path == place("local_agent")
    cloud.clock.sleep(LEASE * 1.2)
    with pytest.raises(ClaimLost):
        holding(cloud).check(held)


def test_a_task_handed_to_a_silent_agent_is_its_for_a_lease(world: World) -> None:
    """The person hands a task to an agent that has not been heard for long: the lease begins then."""
    local, _, mail = world.replicas
    sleep(LEASE * 1.5, mail)
    local.disk.rename(TASK, place("cloud_agent"))
    local.sync()
    with pytest.raises(StillHeld) as still:
        holding(mail).take_over("t.md")
    assert still.value.seconds > LEASE * 0.9


# Sleeping through the lease


def test_what_a_slept_replica_writes_late_never_lands_in_the_note_another_holds(world: World) -> None:
    """It becomes a conflict copy, and the note is what its new holder made of it."""
    _, cloud, mail = world.replicas
    claimed_by_cloud(world)
    sleep(LEASE * 1.1, mail)
    holding(mail).take_over("t.md")
    cloud.disk.put(place("cloud_agent"), cloud.notes()[place("cloud_agent")] + b"written late\n")
    cloud.sync()
    world.settle()
    for replica in world.replicas:
        assert b"written late" not in replica.notes()[place("mail_agent")]
        assert sum(b"written late" in data for data in replica.notes().values()) == 1
        assert epoch(replica, place("mail_agent")) == 2


def test_a_task_a_slept_replica_finishes_late_is_not_done(world: World) -> None:
    """Its move to `Done/` lost against the takeover: the task stays where it is, in progress."""
    _, cloud, mail = world.replicas
    claimed_by_cloud(world)
    sleep(LEASE * 1.1, mail)
    holding(mail).take_over("t.md")
    cloud.disk.rename(place("cloud_agent"), "Done/email/t.md")
    report = cloud.sync()
    assert [one.by for one in report.overruled] == ["mail_agent"]
    world.settle()
    assert places(world) == {(place("mail_agent"),)}


def test_a_worker_that_slept_must_ask_before_it_acts(world: World) -> None:
    """By its own clock the lease is over, so offline its claim does not count; confirmed anew it does."""
    cloud = world.replicas[1]
    held = holding(cloud).claim(TASK)
    cloud.clock.sleep(LEASE + 1)
    assert holding(cloud).lease.seconds_left() < 0

    def check() -> None:
        with pytest.raises(Unconfirmed):
            holding(cloud).check(held)

    unplugged(cloud, check)
    assert holding(cloud).check(held) == held
    assert holding(cloud).lease.seconds_left() > 0


def test_a_claim_of_an_earlier_epoch_is_over_also_in_the_same_place(world: World) -> None:
    """Handed back by the person, claimed anew by the same agent: an older worker of it holds nothing."""
    local, cloud, _ = world.replicas
    old = holding(cloud).claim(TASK)
    local.sync()
    local.disk.rename(place("cloud_agent"), TASK)
    local.sync()
    holding(cloud).lease.look()
    with pytest.raises(ClaimLost) as lost:
        holding(cloud).check(old)
    assert lost.value.by == "local_agent"
    new = holding(cloud).claim(TASK)
    assert (new.path, new.mark.epoch) == (old.path, 2)
    with pytest.raises(ClaimLost):
        holding(cloud).check(old)
    assert holding(cloud).check(new) == new


def test_a_claim_follows_its_note_within_the_agents_folder(world: World) -> None:
    """Another domain is no other holder; stamps that somebody removed say nothing."""
    local, cloud, _ = world.replicas
    held = holding(cloud).claim(TASK)
    local.sync()
    local.disk.rename(place("cloud_agent"), "In_Progress/cloud_agent/urgent/t.md")
    world.settle()
    moved = holding(cloud).check(held)
    assert moved.path == "In_Progress/cloud_agent/urgent/t.md"
    cloud.disk.put(moved.path, TEXT + b"all written anew, with some words\n")
    cloud.sync()
    assert holding(cloud).check(moved) == moved


def test_an_acknowledgement_that_comes_late_does_not_stretch_the_lease(world: World) -> None:
    """What was pushed in one cycle and seen only in a later one renews nothing: others saw it at once."""
    cloud = world.replicas[1]
    holding(cloud).claim(TASK)
    cloud.clock.sleep(600)
    cloud.disk.put("Updates/a.md", b"a\n")
    steps = cloud.driver.steps()
    for action in steps:
        if isinstance(action, Push):
            assert cloud.desk.remote
            cloud.desk.remote.push(action.expected, action.new)
            break  # the process is killed before it hears of it
    cloud.clock.sleep(200)
    cloud.sync()
    assert holding(cloud).lease.seconds_left() < LEASE - 799


def test_a_completion_that_comes_too_late_says_so(world: World) -> None:
    """The person took the task between the check and the push: it is not done, and the worker is told."""
    local, cloud, _ = world.replicas
    claims = claims_of(cloud)
    claim = claims.claim(TASK)
    local.sync()
    local.disk.rename(place("cloud_agent"), place("local_agent"))

    def complete() -> None:
        with pytest.raises(ClaimLost) as lost:
            claim.complete()
        assert lost.value.by == "local_agent"

    just_before_it_pushes(cloud, complete, local.sync)
    assert claim.lost
    assert claim.lost.is_set()
    with pytest.raises(ClaimLost):
        claim.check()
    world.settle()
    assert places(world) == {(place("local_agent"),)}


def test_a_claim_that_may_not_leave_is_taken_back(world: World) -> None:
    """A task too large to sync is not left in the agent's folder as if it were claimed."""
    cloud = world.replicas[1]
    cloud.disk.put("Needs_Action/large.md", b"x" * (1024 * 1024 + 1))
    with pytest.raises(RefusedByPolicy, match="larger than"):
        claims_of(cloud).claim("large.md")
    assert "Needs_Action/large.md" in cloud.notes()


def claims_of(replica: Replica) -> Claims:
    """The claims at this machine, as `Vault` has them."""
    held = holding(replica)
    return Claims(replica.desk, held, Moves(replica.desk, held.cycle), lambda _: nullcontext())


def test_a_claim_that_is_over_says_where_its_note_went(world: World) -> None:
    """The person drags it back and a domain further: the error, and each later one, names the place."""
    local, cloud, _ = world.replicas
    claim = claims_of(cloud).claim(TASK)
    local.sync()
    local.disk.rename(place("cloud_agent"), TASK)
    local.sync()
    local.disk.rename(TASK, "Needs_Action/urgent/t.md")
    local.sync()
    cloud.sync()
    for _ in range(2):
        with pytest.raises(ClaimLost, match="by local_agent; it went to Needs_Action/urgent") as lost:
            claim.check()
        assert lost.value.place == "Needs_Action/urgent/t.md"
    assert claim.place == "Needs_Action/urgent/t.md"


def test_a_claim_whose_note_was_removed_names_no_place(world: World) -> None:
    """Its draft, of the same name, is another note."""
    local, cloud, _ = world.replicas
    claim = claims_of(cloud).claim(TASK)
    cloud.disk.put("Pending_Approval/email/t.md", b"---\nid: 8\n---\na draft\n")
    cloud.sync()
    local.sync()
    local.disk.take(place("cloud_agent"))
    local.sync()
    cloud.sync()
    with pytest.raises(ClaimLost) as lost:
        claim.check()
    assert (lost.value.by, lost.value.place) == ("local_agent", "")


def test_a_task_that_was_filed_cannot_be_claimed_and_the_error_says_where_it_is(world: World) -> None:
    """Of two domains the asked one is named; nobody's task is a plain error."""
    local, cloud, mail = world.replicas
    local.disk.put("Done/other/t.md", b"---\nid: 9\n---\nanother\n")
    claims_of(cloud).claim(TASK).complete()
    world.settle()
    for asked in (TASK, "email/t.md", place("mail_agent")):
        with pytest.raises(NotClaimable, match=r"it is at Done/email/t\.md") as filed:
            claims_of(mail).claim(asked)
        assert (filed.value.place, filed.value.stage, filed.value.note) == ("Done/email/t.md", "done", asked)
    with pytest.raises(VaultError, match="there is no task") as none:
        claims_of(mail).claim("nobodys.md")
    assert not isinstance(none.value, NotClaimable)


def test_a_claim_is_its_path_and_ends_with_its_release(world: World) -> None:
    """It may stand wherever a path may, and once released it holds no more."""
    cloud = world.replicas[1]
    claim = claims_of(cloud).claim(TASK)
    assert (str(claim), os.fspath(claim), claim.epoch) == (place("cloud_agent"), place("cloud_agent"), 1)
    assert 0 < claim.seconds_left <= LEASE
    claim.renew()
    assert claim.release() == TASK
    assert claim.seconds_left == 0
    with pytest.raises(ClaimLost):
        claim.release()
    assert cloud.sync().in_step
    assert places(world) >= {(TASK,)}


def test_an_agents_folder_may_have_its_short_name(world: World) -> None:
    """Where `In_Progress/cloud/` is Cloud's folder, its claims go there, and it holds what is in it."""
    local, cloud, mail = world.replicas
    local.disk.put("In_Progress/cloud/earlier.md", b"An earlier task.\n")
    world.settle()
    held = holding(cloud).claim(TASK)
    assert held.path == "In_Progress/cloud/email/t.md"
    assert holding(cloud).check(held) == held
    with pytest.raises(AlreadyClaimed) as lost:
        holding(mail).claim(TASK)
    assert lost.value.by == "cloud_agent"
    assert holding(cloud).release("t.md") == TASK
