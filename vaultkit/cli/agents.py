"""`vaultkit agents`: who writes in this vault, and whose keys are trusted."""

from __future__ import annotations

import shlex
from dataclasses import asdict

import click

from vaultkit.cli.main import key_home, with_vault
from vaultkit.cli.output import print_json, say
from vaultkit.errors import UsageError
from vaultkit.setup import default_key_home
from vaultkit.vault import AgentInfo, Vault

HUMAN = click.option("--human", is_flag=True, help="A new agent of a person's, who may approve.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")


@click.group()
def agents() -> None:
    """Who writes in this vault, and whose keys are trusted."""


@agents.command("list")
@AS_JSON
@click.option("--allowed-signers", is_flag=True, help="Print the file by which git verifies the commits.")
@with_vault
def list_agents(vault: Vault, as_json: bool, allowed_signers: bool) -> None:
    """Show the agents, their keys' fingerprints, and the policy's."""
    found = vault.agents()
    if allowed_signers:
        for line in vault.allowed_signers():
            click.echo(line)
    elif as_json:
        print_json({"policy": vault.policy_fingerprint(), "agents": [asdict(agent) for agent in found]})
    else:
        say(f"policy {vault.policy_fingerprint()}")
        for agent in found:
            say(f"{agent.name}: {_kind(agent)}, {_trust(agent)}{', this machine' if agent.is_me else ''}")


@agents.command()
@click.argument("name")
@click.option("--like", required=True, metavar="AGENT", help="It may do what this one may.")
@HUMAN
@with_vault
def new(vault: Vault, name: str, like: str, human: bool) -> None:
    """Write a new agent, NAME, into the policy, and show how its machine joins."""
    agent = vault.add_agent(name, like=like, human=human)
    _tell_rights(agent)
    mine = next((one.fingerprint for one in vault.agents() if one.is_me), None)
    url = shlex.quote(vault.machine.remote or "URL")
    words = f"vaultkit join {url} PATH --agent {name}" + (f" --expect {mine}" if mine else "")
    say(f"It has no key yet. On its machine run:\n\n  {words}\n")
    say("and then, here, with the line that this prints:\n\n  vaultkit agents add LINE\n")
    if not next(vault.history()).published:
        say("Not published yet: run `vaultkit sync` here before that.")


@agents.command()
@click.argument("line", nargs=-1, required=True)
@HUMAN
@click.option("--like", default="", metavar="AGENT", help="It may do what this one may, too.")
@with_vault
def add(vault: Vault, line: tuple[str, ...], human: bool, like: str) -> None:
    """Trust the key in the pairing LINE that the other machine shows."""
    agent = vault.trust(" ".join(line), human=human, like=like)
    say(f"{agent.name} is trusted: {agent.fingerprint}")
    _tell_rights(agent)


@agents.command()
@click.argument("name")
@with_vault
def revoke(vault: Vault, name: str) -> None:
    """From now on, what the agent NAME signs counts for nothing."""
    vault.revoke(name)
    say(f"{name} is revoked. What it published before stays; what it publishes now is refused.")


@agents.command()
@click.argument("name", required=False)
@click.option("--line", is_flag=True, help="Print this machine's pairing line alone.")
@AS_JSON
@with_vault
def show(vault: Vault, name: str | None, line: bool, as_json: bool) -> None:
    """Show one agent (default: this machine's), its key and its pairing line."""
    if line:
        return say(vault.pairing_line())
    wanted = name or vault.agent
    agent = next((agent for agent in vault.agents() if agent.name == wanted), None)
    if as_json:
        return print_json({"agent": asdict(agent) if agent else None, "pairing_line": vault.pairing_line()})
    if agent is None and wanted != vault.agent:
        raise UsageError(f"there is no agent {wanted}", hint="`vaultkit agents list` names them.")
    return _print(vault, wanted, agent)


@agents.command()
@click.option("--in-keyring", is_flag=True, help="Keep the new key in the system's keyring.")
@with_vault
def rotate(vault: Vault, in_keyring: bool) -> None:
    """Make this machine a new key. A human agent's counts at once, another's once it is trusted anew."""
    line = vault.rotate(key_home() or default_key_home(), in_keyring=in_keyring)
    if vault.is_trusted(newest=True):
        say("This machine signs with its new key from now on.")
    else:
        say(f"The old key goes on until the person's machine runs:\n\n  vaultkit agents add {line}")


def _tell_rights(agent: AgentInfo) -> None:
    if agent.writes:
        say(f"{agent.name} may write in {', '.join(agent.writes)}.")
    else:
        say(f"{agent.name} may write nowhere yet: `vaultkit agents add LINE --like AGENT` lets it.")


def _print(vault: Vault, name: str, agent: AgentInfo | None) -> None:
    if agent is None:
        say(f"{name}: the policy does not know it")
    else:
        say(f"{name}: {_kind(agent)}, {_trust(agent)}")
        say(f"may write in: {', '.join(agent.writes) or 'nothing'}")
    if name == vault.agent:
        say(f"pairing line: {vault.pairing_line()}")


def _kind(agent: AgentInfo) -> str:
    return {"human": "a person's agent", "unsigned": "commits nobody signed"}.get(agent.kind, "agent")


def _trust(agent: AgentInfo) -> str:
    if agent.kind == "unsigned":
        return "no key"
    if agent.fingerprint is None:
        return "no key yet"
    return f"key {agent.fingerprint}" if agent.trusted else f"REVOKED key {agent.fingerprint}"
