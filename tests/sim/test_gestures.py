"""What a person does in the very moment a cycle writes."""

from __future__ import annotations

from tests.sim.world import World


def test_a_drag_of_a_note_just_written_is_a_move_though_another_note_is_typed_into() -> None:
    """One note is dragged away as soon as it arrived, another is typed into: nothing ends in two places."""
    world = World(1)
    local, cloud = world.replicas
    for name in ("a", "b"):
        cloud.disk.put(f"Pending_Approval/{name}.md", b"---\nto: x\n---\none\ntwo\nthree\n")
    world.settle()
    for name in ("a", "b"):
        cloud.disk.put(f"Pending_Approval/{name}.md", b"---\nto: x\n---\nONE\ntwo\nthree\n")
    cloud.disk.put("Pending_Approval/new.md", b"---\nto: x\n---\nnew\n")
    cloud.sync()

    def drag(path: str) -> None:
        if path == "Pending_Approval/new.md":
            local.disk.after_write = None
            local.disk.rename(path, "Approved/new.md")

    def type_into(path: str) -> None:
        if path == "Pending_Approval/b.md":
            local.disk.before_write = None
            local.disk.put(path, b"---\nto: x\n---\none\ntwo\nthree, typed\n")

    local.disk.after_write, local.disk.before_write = drag, type_into
    local.sync()
    world.settle()
    for replica in world.replicas:
        notes = replica.notes()
        assert "Pending_Approval/new.md" not in notes
        assert b"status: approved" in notes["Approved/new.md"]
        assert notes["Pending_Approval/b.md"] == b"---\nto: x\n---\nONE\ntwo\nthree, typed\n"
        assert notes["Pending_Approval/a.md"] == b"---\nto: x\n---\nONE\ntwo\nthree\n"


def test_a_stamp_that_meets_typing_is_made_again_and_the_move_stays_whole() -> None:
    """Somebody types into a draft just as its approval is stamped: one move, both the words and the stamp."""
    world = World(2)
    local, _ = world.replicas
    local.disk.put("Pending_Approval/a.md", b"---\nto: x\n---\none\n")
    world.settle()
    local.disk.rename("Pending_Approval/a.md", "Approved/a.md")

    def type_into(path: str) -> None:
        local.disk.before_write = None
        local.disk.put(path, b"---\nto: x\n---\none, typed\n")

    local.disk.before_write = type_into
    report = local.sync()
    assert report.commits == 1
    world.settle()
    for replica in world.replicas:
        assert "Pending_Approval/a.md" not in replica.notes()
        assert b"status: approved" in replica.notes()["Approved/a.md"]
        assert b"one, typed" in replica.notes()["Approved/a.md"]


def test_a_folder_renamed_in_its_case_is_moved_whole() -> None:
    """`offers/` becomes `Offers/` in one commit, for everybody, with nothing held."""
    world = World(3)
    local, cloud = world.replicas
    for name in ("a", "b"):
        local.disk.put(f"Plans/offers/{name}.md", f"{name}\n".encode())
    world.settle()
    for name in ("a", "b"):
        local.disk.rename(f"Plans/offers/{name}.md", f"Plans/Offers/{name}.md")
    report = local.sync()
    assert report.commits == 1
    assert not report.held
    world.settle()
    assert [path for path in sorted(cloud.notes()) if "ffers" in path] == [
        "Plans/Offers/a.md",
        "Plans/Offers/b.md",
    ]
