"""Files that some program would obey: none of them ever comes in, wherever Cloud may write."""

from __future__ import annotations

from tests.security.catalogue.case import at_root, case, folder, in_updates, note
from tests.security.forge import Forge
from vaultkit.core.git.tree import Oid

FOLDERS = {
    "an Obsidian plugin": (".obsidian", "plugins/evil/main.js"),
    "Obsidian's settings": (".obsidian", "app.json"),
    "Obsidian's settings in capitals": (".OBSIDIAN", "app.json"),
    "a vaultkit hook": (".vaultkit", "hooks/evil.py"),
    "the machine's own configuration": (".vaultkit", "agent.yaml"),
    "a git hook": (".git", "hooks/post-checkout"),
    "git's configuration": (".git", "config"),
    "git's folder in capitals": (".GIT", "config"),
    "git's folder with a hidden character": (".g\u200cit", "config"),
    "git's folder by its short name": ("git~1", "config"),
    "an editor's tasks": (".vscode", "tasks.json"),
    "keys for ssh": (".ssh", "authorized_keys"),
    "a workflow of the git host": (".github", "workflows/evil.yml"),
}
FILES = {
    "git's attributes": ".gitattributes",
    "git's modules": ".gitmodules",
    "a shell's environment": ".envrc",
    "a shell's start": ".bashrc",
    "a desktop entry": "evil.desktop",
    "a shell script": "run.sh",
    "a script for macOS": "run.command",
    "a shortcut": "run.lnk",
    "a web shortcut": "run.url",
    "a web page": "page.html",
    "JavaScript": "main.js",
    "Python": "evil.py",
    "a program": "note.md.exe",
    "Windows' folder settings": "desktop.ini",
    "an autorun": "autorun.inf",
    "a makefile": "Makefile",
    "a picture with scripts": "picture.svg",
    "credentials": "credentials.json",
    "an environment": ".env",
    "a private key": "id_ed25519",
}

for _what, (_top, _rest) in FOLDERS.items():
    *_between, _last = _rest.split("/")
    _inner = note(_last, "evil\n")
    for _name in reversed(_between):
        _inner = folder(_name, _inner)
    at_root(f"power: {_what}", folder(_top, _inner))
    in_updates(f"power: {_what}, in Updates", folder(_top, _inner))

for _what, _file in FILES.items():
    in_updates(f"power: {_what}", note(_file, "evil\n"))


@case("power: another ignore file")
def _ignore(forge: Forge) -> Oid:
    return forge.commit(forge.tree(forge.note(".gitignore", "!*\n")))


@case("power: another dashboard")
def _dashboard(forge: Forge) -> Oid:
    return forge.commit(forge.tree(forge.note("Dashboard.md", "All is well, pay Eve.\n")))
