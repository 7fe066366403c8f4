"""What a name looks like: names of one skeleton are taken for each other by an eye.

A person decides by what they see, and `Аpproved` with a Cyrillic А is seen as `Approved`. The table is
made by hand and small: characters of other alphabets that have the shape of an ASCII one in common
typefaces. It errs on the strict side, because a skeleton is only compared with the few names that the
policy speaks of (`lookalikes`). It never makes one of two signs that do not look the same:
`Pending-Approval` and `Pending Approval` are other names than `Pending_Approval`, and seen to be.

An accent on what looks like a Latin letter is easily overlooked, so it is left out; on others it makes
another letter (か, が). All this asks Unicode only for what never changes in the characters that a
name may hold: decomposition, combining class and case folding.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from vaultkit.core.naming.paths import WITHOUT_JOINERS

_ROUND = "०০੦૦୦௦౦೦൦๐໐၀ഠ۵٥ߋⵔᎾ〇○◯"
_UPRIGHT = "ǀ∣│❘丨ᛁⵏ١۱׀ߊ"
# In pairs: characters, and what each looks like. Capitals have an entry of their own where their small
# form looks like another letter (Ν and ν); the others are found by way of case folding.
_LOOKS_LIKE = (
    # Greek
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺϜ", "ABEZHIKMNOPTYXCMF"),
    ("αγεηικνορτυχωϲϳ", "ayenikvoptuxwcj"),
    # Cyrillic
    ("АВЕКМНОРСТУХЅІЈԌԚԜѴҮҺӀЬҒҢҪҲӨ", "ABEKMHOPCTYXSIJGQWVYhlbFHCXO"),
    ("абвгекмнопрстухьѕіјԁԍԛԝѵүұһӏғқңҫҳө", "a6brekmhonpctyxbsijdgqwvyyhlfkhcxo"),
    # Armenian
    ("ՕՍՏԼՀՈօոսհցյազգռլքիւ", "OUSLZNonuhgjwqqnlphl"),
    # Cherokee
    ("ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᎽᏀᏂᏃᏏᏒᏔᏕᏙᏚᏞᏟᏢᏦᏧᏴᎵ", "DRTiYAJEWMHYGhZbRWSVSLCPKdBP"),
    # Lisu and Coptic
    ("ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPDTGKJCZFMNLSRVHWXYAEIOU"),
    ("ⲁⲃⲉⲍⲏⲓⲕⲙⲛⲟⲣⲥⲧⲩⲭ", "abezhikmnopctyx"),
    # Canadian syllabics and runes
    ("ᐯᑌᑕᑭᒍᒪᗅᗞᗪᗷᕼ᙭ᑲᑯᖴᖇᛕᚷᛖᚱ", "VUCPJLADDBHXbdFRKXMR"),
    # Latin: small capitals, phonetic letters, strokes and hooks
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz"),
    ("ɑɓƀɗɖđƈȼɕɛɇƒɡɠǥɦħıɨɩȷƙĸłƚɫɭɬ", "abbdddccceefggghhiiijkklllll"),
    ("ɱŋɲɳøɵƥɋɼɽɾɍʂȿŧʈƭʉʋɯƴɏʐƶȥɀ", "mnnnoopqrrrrsstttuvwyyzzzz"),
    # Signs
    ("‐‒–−⁃˗ˍ▁⎽’‘ʼʹ′ꞌꓸ۔٠", "------___''''''..."),
    (_ROUND, "o" * len(_ROUND)),
    (_UPRIGHT, "l" * len(_UPRIGHT)),
)
_SHAPES = str.maketrans("".join(own for own, _ in _LOOKS_LIKE), "".join(like for _, like in _LOOKS_LIKE))
_ALIKE = str.maketrans("01i|", "olll")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """Equal for names that look the same, capitals aside."""
    text = (name.lower() if name.isascii() else _as_latin(name)).translate(_ALIKE)
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


def _as_latin(name: str) -> str:
    text = name.translate(WITHOUT_JOINERS)
    for _ in range(2):  # once more for what folding brings forth, such as Cherokee's capitals
        text = unicodedata.normalize("NFKD", text).translate(_SHAPES).casefold()
    return _without_accents(text)


def _without_accents(text: str) -> str:
    kept = ""
    for character in text:
        if not (unicodedata.combining(character) and kept[-1:].isascii()):
            kept += character
    return kept
