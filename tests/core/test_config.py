"""Reading `vaultkit.yaml`: what a good one means, and what is said about a bad one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultkit.core.naming.globs import Glob
from vaultkit.core.rules.config import read_policy
from vaultkit.core.rules.workflow import DEFAULT_FOLDERS, QUIET_SECONDS
from vaultkit.errors import PolicyError
from vaultkit.memory.keys import MemoryKeys

KEY = MemoryKeys("local_agent").public()[0]
FULL = f"""\
vaultkit: 1
agents:
  local_agent: {{human: true, key: "{KEY}"}}
  cloud_agent:
  phone: {{unsigned: true}}
zones:
  - {{path: "In_Progress/{{agent}}/**", write: ["{{agent}}", local_agent]}}
  - path: "Done/**"
    write: [local_agent]
    add: ["*"]
executor: local_agent
sync:
  include: ["*.md"]
  exclude: ["Journal/**", "Drafts/"]
  max_file: 512KiB
  interval: 5m
  deadline: 90
  mass_delete: {{percent: 10, count: 7}}
workflow: {{done: Finished/, updates: Signals}}
actions:
  send_email: {{mcp: email, tool: send_email, args: {{to: "{{to}}"}}, limit: 10/hour}}
"""

SMALL = """\
vaultkit: 1
agents:
  me: {human: true}
  worker: {}
zones:
  - {path: "**", write: [me]}
"""


def test_how_long_a_decision_rests_and_an_approval_waits() -> None:
    """Both are times, may be nothing at all, and have a default."""
    flow = read_policy((SMALL + "workflow: {quiet: 0s, grace: 2m}\n").encode()).workflow
    assert (flow.quiet, flow.grace) == (0.0, 120.0)
    flow = read_policy((SMALL + "workflow: {grace: 0}\n").encode()).workflow
    assert (flow.quiet, flow.grace) == (QUIET_SECONDS, 0.0)


def test_full() -> None:
    """Every key of the policy arrives as what it says."""
    policy = read_policy(FULL.encode())
    assert list(policy.agents) == ["local_agent", "cloud_agent", "phone"]
    assert policy.agents["local_agent"].key == KEY
    assert policy.humans == {"local_agent"}
    assert policy.unsigned_agent == "phone"
    assert policy.executor == "local_agent"
    assert policy.zones[0].path == Glob("In_Progress/{agent}/**")
    assert policy.zones[0].write == {"{agent}", "local_agent"}
    assert policy.zones[1].add == {"*"}
    assert policy.sync.include == (Glob("*.md", floating=True),)
    assert policy.sync.exclude == (Glob("Journal/**", floating=True), Glob("Drafts/", floating=True))
    assert (policy.sync.max_file, policy.sync.interval, policy.sync.deadline) == (512 * 1024, 300.0, 90.0)
    assert (policy.sync.mass_delete_percent, policy.sync.mass_delete_count) == (10, 7)
    assert policy.workflow.folders == {**DEFAULT_FOLDERS, "done": "Finished", "updates": "Signals"}
    assert policy.actions["send_email"] == {
        "mcp": "email",
        "tool": "send_email",
        "args": {"to": "{to}"},
        "limit": "10/hour",
    }


def test_defaults() -> None:
    """What is left out has a sensible value, and the only person is the executor."""
    policy = read_policy(SMALL.encode())
    assert policy.executor == "me"
    assert [glob.pattern for glob in policy.sync.include] == ["*.md", "*.txt", "*.base", "*.canvas"]
    assert policy.sync.max_file == 1024 * 1024
    assert policy.workflow.folders == DEFAULT_FOLDERS
    assert policy.actions == {}


def test_two_people_have_no_implied_executor() -> None:
    """With two human agents nobody executes until one is named."""
    assert read_policy(SMALL.replace("worker: {}", "worker: {human: true}").encode()).executor is None


def test_equal_texts_are_equal_policies() -> None:
    """A policy is a value, and a comment, a BOM or CRLF is none of it."""
    assert read_policy(FULL.encode()) == read_policy(FULL.encode())
    noisy = "\ufeff# mine\n" + SMALL
    assert read_policy(noisy.replace("\n", "\r\n").encode()) == read_policy(SMALL.encode())


@pytest.mark.parametrize(
    ("size", "meant"),
    [("1MiB", 1024**2), ("512KiB", 524288), ("2000", 2000), ("1.5 MiB", 1572864), ("1kb", 1000), ("7B", 7)],
)
def test_sizes(size: str, meant: int) -> None:
    """Sizes are bytes, with or without a unit."""
    assert read_policy((SMALL + f"sync: {{max_file: {size}}}\n").encode()).sync.max_file == meant


@pytest.mark.parametrize(
    ("time", "meant"), [("30s", 30), ("5m", 300), ("1h", 3600), ("45", 45), ("0.5s", 0.5)]
)
def test_times(time: str, meant: float) -> None:
    """Times are seconds, with or without a unit."""
    assert read_policy((SMALL + f"sync: {{interval: {time}}}\n").encode()).sync.interval == meant


def test_leases_and_who_may_take_over() -> None:
    """A lease is 15 minutes unless the policy says otherwise; nobody takes over who is not named."""
    assert read_policy(SMALL.encode()).workflow.lease == 900
    assert read_policy((SMALL + "workflow: {lease: 1h}\n").encode()).workflow.lease == 3600
    zone = '  - {path: "In_Progress/{agent}/**", write: ["{agent}"], take: [worker]}\n'
    assert read_policy(changed("zones:\n", f"zones:\n{zone}").encode()).zones[0].take == {"worker"}
    assert read_policy(SMALL.encode()).zones[0].take == frozenset()


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


ZONE = '  - {path: "**", write: [me]}'

# text, line, key, what is said, what is suggested
BAD = [
    ("", 1, "", "empty", "Restore"),
    ("a: b: c\n", 1, "", "mapping", "indentation"),
    ("vaultkit: 1\nagents: [\n", 3, "", "", "indentation"),
    ("- 1\n", 1, "", "name: value", "Indent"),
    (changed("vaultkit: 1", "vaultkit: 2"), 1, "vaultkit", "only version 1", "vaultkit: 1"),
    (changed("vaultkit: 1", "vaultkit: true"), 1, "vaultkit", "only version 1", "vaultkit: 1"),
    (changed("vaultkit: 1", 'vaultkit: "1"'), 1, "vaultkit", "only version 1", "vaultkit: 1"),
    (changed("vaultkit: 1\n", ""), 1, "vaultkit", "missing", "Add `vaultkit"),
    (SMALL.split("zones")[0], 1, "zones", "missing", "Add `zones"),
    ("vaultkit: 1\nzones: []\n", 1, "agents", "missing", "Add `agents"),
    (changed("agents:", "agnets:"), 2, "agnets", "unknown key", "Did you mean `agents`"),
    (SMALL + "qqq: 1\n", 7, "qqq", "unknown key", "Known here: actions, agents"),
    (SMALL + "zones: []\n", 7, "", "twice", "indentation"),
    (changed("me: {human: true}", "me: {}"), 2, "agents", "no agent is human", "human: true"),
    (changed("worker: {}", "wo-rker: {}"), 4, "agents.wo-rker", "agent's name", "letters"),
    (changed("worker: {}", "aux: {}"), 4, "agents.aux", "agent's name", "letters"),
    (changed("worker: {}", "\ua7cb: {}"), 4, "agents.\ua7cb", "agent's name", "letters"),
    (changed("worker: {}", "ME: {}"), 4, "agents.ME", "same name as me", "its own"),
    (changed("human: true", "humen: true"), 3, "agents.me.humen", "unknown key", "Did you mean `human`"),
    (changed("human: true", "human: yes"), 3, "agents.me.human", "true or false", "`true`"),
    (changed("worker: {}", "worker: 3"), 4, "agents.worker", "name: value", "Indent"),
    (changed("worker: {}", "worker: {key: 3}"), 4, "agents.worker.key", "text", '"3"'),
    (changed("worker: {}", "worker: {key: ssh-rsa AAAA}"), 4, "agents.worker.key", "ssh-ed25519", "show"),
    (changed("worker: {}", f'worker: {{key: "{KEY[:-4]}"}}'), 4, "agents.worker.key", "ssh-ed25519", "show"),
    (
        changed("worker: {}", f'worker: {{key: "{KEY}", unsigned: true}}'),
        4,
        "agents.worker",
        "no key",
        "two agents",
    ),
    (changed("human: true", "human: true, revoked: true"), 2, "agents", "no agent is human", "human: true"),
    (changed("worker: {}", "worker: {sign_of_life: 5s}"), 4, "agents.worker", "so often", "1h"),
    (
        changed("human: true}", f'human: true, key: "{KEY}"}}').replace(
            "worker: {}", f'worker: {{key: "{KEY}"}}'
        ),
        4,
        "agents.worker",
        "same key as me",
        "its own",
    ),
    (
        changed("worker: {}", "a: {unsigned: true}\n  b: {unsigned: true}"),
        5,
        "agents.b",
        "unsigned commits",
        "its own",
    ),
    (
        changed("human: true", "human: true, unsigned: true"),
        3,
        "agents.me",
        "cannot be human",
        "two agents",
    ),
    (changed(ZONE, "  - {write: [me]}"), 6, "zones[1].path", "missing", "Add `path"),
    (changed(ZONE, ZONE.replace("[me]", "[mee]")), 6, "zones[1].write[1]", "no agent", "Did you mean `me`"),
    (changed(ZONE, ZONE.replace("[me]", '["{agent}"]')), 6, "zones[1].write[1]", "no agent", "Known here"),
    (changed(ZONE, ZONE.replace("[me]", "me")), 6, "zones[1].write", "list", "[one, two]"),
    (changed(ZONE, ZONE.replace("write", "wirte")), 6, "zones[1].wirte", "unknown key", "`write`"),
    (changed('"**"', '"Done/"'), 6, "zones[1].path", "Done/**", "Projects/**"),
    (changed('"**"', '"Done"'), 6, "zones[1].path", "names a folder", "Done/**"),
    (changed('"**"', '"/Done/**"'), 6, "zones[1].path", "relative", "Projects/**"),
    (changed('"**"', '"\ua7cb/**"'), 6, "zones[1].path", "U+A7CB", "Projects/**"),
    (changed('"**"', '"a/../b.md"'), 6, "zones[1].path", ". or ..", "Projects/**"),
    (changed(ZONE, ZONE.replace("write", "take")), 6, "zones[1].take", "taken over", "{agent}"),
    (changed(ZONE, "  path: x"), 5, "zones", "list", "- "),
    (SMALL + "executor: worker\n", 7, "executor", "no human agent", "Known here: me"),
    (SMALL + "executor: mee\n", 7, "executor", "no human agent", "Did you mean `me`"),
    (SMALL + "sync: {max_file: 1XB}\n", 7, "sync.max_file", "a size", "512KiB"),
    (SMALL + "sync: {max_file: true}\n", 7, "sync.max_file", "a size", "512KiB"),
    (SMALL + "sync: {max_file: 0}\n", 7, "sync.max_file", "range", "above 0"),
    (SMALL + "sync: {max_file: 900MiB}\n", 7, "sync.max_file", "range", "at most 104857600"),
    (SMALL + "sync: {interval: soon}\n", 7, "sync.interval", "a time", "30s"),
    (SMALL + "sync: {interval: -5}\n", 7, "sync.interval", "a time", "30s"),
    (SMALL + "sync: {deadline: 2w}\n", 7, "sync.deadline", "a time", "5m"),
    (SMALL + "sync: {includes: []}\n", 7, "sync.includes", "unknown key", "`include`"),
    (SMALL + "sync: {include: []}\n", 7, "sync.include", "empty", "*.md"),
    (SMALL + "sync: {include: [Docs/]}\n", 7, "sync.include", "folder", "Docs/**"),
    (SMALL + "sync: {exclude: ['!a.md']}\n", 7, "sync.exclude[1]", "relative", "Projects"),
    (
        SMALL + "sync: {mass_delete: {percent: 101}}\n",
        7,
        "sync.mass_delete.percent",
        "whole number",
        "0 to 100",
    ),
    (SMALL + "sync:\n  mass_delete:\n    cuont: 3\n", 9, "sync.mass_delete.cuont", "unknown key", "`count`"),
    (SMALL + "workflow: {quiet: soon}\n", 7, "workflow.quiet", "must be a time", "30s"),
    (SMALL + "workflow: {grace: 2d}\n", 7, "workflow.grace", "out of range", "at most"),
    (SMALL + "workflow: {dome: x}\n", 7, "workflow.dome", "unknown key", "`done`"),
    (SMALL + "workflow: {lease: 1s}\n", 7, "workflow.lease", "lost before", "15m"),
    (SMALL + "workflow: {lease: 2d}\n", 7, "workflow.lease", "range", "at most 86400"),
    (SMALL + "workflow: {done: ../x}\n", 7, "workflow.done", "proper relative path", "`Done`"),
    (SMALL + "workflow: {done: .git}\n", 7, "workflow.done", "hidden", "`Done`"),
    (SMALL + "workflow: {done: approved}\n", 7, "workflow", "share", "its own folder"),
    (SMALL + "workflow: {done: Plans/x}\n", 7, "workflow", "share", "its own folder"),
    (SMALL + "actions: [x]\n", 7, "actions", "name: value", "Indent"),
    (SMALL + "executor: &a me\n", 7, "", "anchors", "indentation"),
]


@pytest.mark.parametrize(("text", "line", "key", "said", "suggested"), BAD, ids=range(len(BAD)))
def test_bad_policies(text: str, line: int, key: str, said: str, suggested: str) -> None:
    """Each mistake is told with the file, the line, the key, what is wrong and what to write instead."""
    with pytest.raises(PolicyError) as caught:
        read_policy(text.encode(), "some.yaml")
    error = caught.value
    assert (error.file, error.line, error.key) == ("some.yaml", line, key)
    assert str(error).startswith(f"some.yaml, line {line}: ")
    assert said in str(error)
    assert key in str(error)
    assert suggested in error.hint


def test_not_utf8() -> None:
    """A file in another encoding is told apart, with the line of the first bad byte."""
    with pytest.raises(PolicyError, match="line 2: it is not UTF-8") as caught:
        read_policy(b"vaultkit: 1\n\xff\n")
    assert "UTF-8" in caught.value.hint


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Whatever arrives, the answer is a policy or a PolicyError, never another failure."""
    with pytest.raises(PolicyError):
        read_policy(data)


@given(st.integers(0, len(FULL)), st.text("{}[]:-# \n\"'*&!|>%@,", max_size=4))
def test_a_mangled_policy(place: int, noise: str) -> None:
    """A policy with noise typed into it is read or refused, and a refusal names a line of the file."""
    text = FULL[:place] + noise + FULL[place:]
    error = refusal_of(text)
    if error:
        assert 1 <= error.line <= text.count("\n") + 1
        assert error.hint


def refusal_of(text: str) -> PolicyError | None:
    try:
        read_policy(text.encode())
    except PolicyError as error:
        return error
    return None
