"""What never syncs, whatever a policy says.

Two kinds: secrets and sessions, of which the person is told, and files that are no notes (media,
databases, archives, programs' own folders), which are passed over quietly. What is passed over
quietly must never be a person's note, so the second list names no plain words and no `.md`.
Names are compared folded, so that capitals hide nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vaultkit.core.naming.globs import name_source
from vaultkit.core.naming.paths import fold_key

_PRIVATE_TYPES = ".pem .key .p12 .pfx .ppk .kdbx .keystore .jks .ovpn .token .session .session-journal .env"
_PRIVATE_NAMES = (
    ".env* .netrc _netrc .npmrc .pypirc .pgpass .git-credentials id_rsa* id_dsa* id_ecdsa* id_ed25519* "
    "credentials credentials.* credentials*.json *credentials.json client_secret*.json token*.json "
    "*_token.json service_account*.json service-account*.json cookies*.txt cookies*.json cookies.sqlite "
    "secrets.* *secret*.json banking_creds.* payment_tokens.* api_keys.* wallet.dat"
)
_PRIVATE_FOLDERS = (
    "whatsapp_session .wwebjs_* banking_creds payment_tokens api_keys secrets credentials "
    ".ssh .gnupg .aws .azure .kube"
)
_OTHER_TYPES = (
    ".db .db-wal .db-shm .db-journal .sqlite .sqlite-wal .sqlite-shm .sqlite-journal .sqlite3 "
    ".sqlite3-wal .sqlite3-shm .sqlite3-journal .mdb .log .pid .lock .tmp .bak .swp "
    ".zip .tar .gz .tgz .bz2 .xz .7z .rar .zst .iso .dmg "
    ".png .jpg .jpeg .gif .webp .avif .bmp .svg .tif .tiff .heic .ico .psd "
    ".mp3 .wav .m4a .aac .ogg .opus .flac .mp4 .m4v .mov .mkv .avi .webm .3gp "
    ".exe .dll .so .dylib .bin .jar .class .pyc .apk"
)
_OTHER_FOLDERS = "node_modules venv virtualenv __pycache__ site-packages"


def _any_of(patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(name_source(pattern) for pattern in patterns.split()))


_PRIVATE_ENDINGS, _OTHER_ENDINGS = tuple(_PRIVATE_TYPES.split()), tuple(_OTHER_TYPES.split())
_PRIVATE_NAME, _PRIVATE_FOLDER = _any_of(_PRIVATE_NAMES), _any_of(_PRIVATE_FOLDERS)
_OTHER_FOLDER = _any_of(_OTHER_FOLDERS)


def is_secret(path: str) -> bool:
    """Does the name say that this holds a secret or a session?"""
    folder, _, name = path.rpartition("/")
    key = fold_key(name)
    if key.endswith(_PRIVATE_ENDINGS) or _PRIVATE_NAME.fullmatch(key):
        return True
    return holds_secrets(folder)


def is_no_note(path: str) -> bool:
    """Does the name say that this is media, a database, an archive or a program's own?"""
    folder, _, name = path.rpartition("/")
    return fold_key(name).endswith(_OTHER_ENDINGS) or holds_no_notes(folder)


@lru_cache(maxsize=4096)
def holds_secrets(folder: str) -> bool:
    """Is this folder, or one above it, one of secrets or sessions?"""
    return any(_PRIVATE_FOLDER.fullmatch(name) for name in fold_key(folder).split("/"))


@lru_cache(maxsize=4096)
def holds_no_notes(folder: str) -> bool:
    """Is this folder, or one above it, a program's own?"""
    return any(_OTHER_FOLDER.fullmatch(name) for name in fold_key(folder).split("/"))
