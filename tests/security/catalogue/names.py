"""Names no note may have, in a place where Cloud may write, and at the root."""

from __future__ import annotations

from tests.security.catalogue.case import at_root, folder, in_updates, note

OUTSIDE = {
    "a file called ..": note(".."),
    "a file called .": note("."),
    "an empty name": note(b""),
    "a slash in a name": note("../../outside.md"),
    "a slash into Approved": note("../Approved/x.md"),
    "an absolute name": note("/tmp/vaultkit-outside.md"),
    "backslashes": note("..\\..\\outside.md"),
    "backslashes into Approved": note("..\\Approved\\x.md"),
    "a drive": note("C:\\outside.md"),
    "a drive without a slash": note("C:outside.md"),
    "an alternate data stream": note("note.md:stream.md"),
    "a home": note("~/outside.md"),
    "a network share": note("\\\\host\\share\\x.md"),
}
UNREADABLE = {
    "a line feed": note("a\nb.md"),
    "a carriage return": note("a\rb.md"),
    "a tab": note("a\tb.md"),
    "a terminal's escape": note("a\x1b[2Jb.md"),
    "a delete character": note("a\x7fb.md"),
    "a C1 control": note("a\u0085b.md"),
    "right-to-left override": note("gpj.\u202edm.md"),
    "left-to-right mark": note("a\u200eb.md"),
    "an isolate": note("a\u2066b.md"),
    "a zero-width space": note("a\u200bb.md"),
    "a zero-width joiner between letters": note("a\u200db.md"),
    "a word joiner": note("a\u2060b.md"),
    "a byte order mark": note("\ufeffa.md"),
    "a soft hyphen": note("a\u00adb.md"),
    "a Hangul filler": note("a\u3164b.md"),
    "a blank Braille pattern": note("a\u2800b.md"),
    "a variation selector after a letter": note("a\ufe0fb.md"),
    "tag characters": note("a\U000e0041b.md"),
    "a line separator": note("a\u2028b.md"),
    "a no-break space": note("a\u00a0b.md"),
    "private use, as Samba writes a colon": note("a\uf03ab.md"),
    "a replacement for an object": note("a\ufffcb.md"),
    "a character nobody has assigned": note("a\u0378b.md"),
    "bytes that are no UTF-8": note(b"a\xff\xfeb.md"),
    "an overlong slash": note(b"a\xc0\xafb.md"),
    "overlong dots": note(b"\xc0\xae\xc0\xae"),
    "a surrogate as bytes": note(b"a\xed\xa0\x80b.md"),
    "decomposed letters": note("e\u0301.md"),
}
AWKWARD = {
    "the device con": note("con.md"),
    "the device NUL": note("NUL.tar.md"),
    "the device AUX with a space": note("aux .md"),
    "the device COM1": note("com1.txt"),
    "the device LPT with a superscript": note("LPT\u00b9.md"),
    "the console": note("CONOUT$.md"),
    "a dot at the end": note("x.md."),
    "a space at the end": note("x.md "),
    "a space in front": note(" x.md"),
    "another file's short name": note("UPDATE~1.md"),
    "a question mark": note("a?.md"),
    "a star": note("a*.md"),
    "a pipe": note("a|b.md"),
    "quotes and brackets": note('a"<b>.md'),
    "a name of 300 bytes": note("n" * 300 + ".md"),
}

for _what, _item in {**OUTSIDE, **UNREADABLE, **AWKWARD}.items():
    in_updates(f"name: {_what}", _item)

at_root("name: a folder called ..", folder("..", note("outside.md")))
at_root("name: a folder called ../..", folder("../..", note("outside.md")))
at_root("name: a folder that is a device", folder("nul", note("x.md")))
at_root("name: an absolute folder", folder("/tmp", note("vaultkit-outside.md")))
in_updates("name: a folder called .. in a folder", folder("..", folder("Approved", note("x.md"))))
in_updates(
    "name: a path of more than 900 bytes",
    folder("a" * 190, folder("b" * 190, folder("c" * 190, folder("d" * 190, note("e" * 190 + ".md"))))),
)
