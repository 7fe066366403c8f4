"""Folders and files that an eye, or a careless file system, would take for the vault's own."""

from __future__ import annotations

from tests.security.catalogue.case import at_root, folder, note

FOLDERS = {
    "lower case": "approved",
    "upper case": "APPROVED",
    "a Cyrillic letter": "\u0410pproved",
    "a Greek letter": "\u0391pproved",
    "full-width letters": "\uff21pproved",
    "a zero-width space": "Approved\u200b",
    "a zero-width non-joiner inside": "App\u200croved",
    "a space at the end": "Approved ",
    "a dot at the end": "Approved.",
    "a combining mark": "Approved\u0307",
    "a backslash": "Approved\\x",
    "mathematical letters": "\U0001d400pproved",
}

for _what, _name in FOLDERS.items():
    at_root(f"look-alike: Approved with {_what}", folder(_name, note("pay.md", "approved\n")))

at_root("look-alike: In_Progress with a small l", folder("ln_Progress", folder("cloud_agent", note("x.md"))))
at_root("look-alike: the folder of another agent", folder("In_Progress", folder("local_agent", note("x.md"))))
at_root(
    "look-alike: an agent's folder with a Cyrillic letter",
    folder("In_Progress", folder("\u0441loud_agent", note("x.md"))),
)
at_root("look-alike: the dashboard in lower case", note("dashboard.md", "all is well\n"))
at_root("look-alike: the dashboard with a Cyrillic letter", note("D\u0430shboard.md", "all is well\n"))
at_root("look-alike: the policy in upper case", note("VAULTKIT.YAML", "vaultkit: 1\n"))
at_root("look-alike: the policy with a space", note("vaultkit.yaml ", "vaultkit: 1\n"))
at_root("look-alike: the ignore file in upper case", note(".GITIGNORE", "*\n"))
