"""What never syncs, whatever a policy says.

Two kinds: secrets and sessions, of which the person is told, and files that are no notes (media,
databases, archives, programs' own folders), which are passed over quietly.
"""

from __future__ import annotations

from vaultkit.core.paths import Glob

PRIVATE_FILES = (
    ".env .env.* *.env .envrc .netrc _netrc .npmrc .pypirc .pgpass .git-credentials "
    "*.pem *.key *.p12 *.pfx *.ppk *.kdbx *.keystore *.jks *.ovpn id_rsa* id_dsa* id_ecdsa* id_ed25519* "
    "credentials credentials.* credentials*.json *credentials.json client_secret*.json token*.json "
    "*_token.json *.token *.session *.session-journal service_account*.json service-account*.json "
    "cookies*.txt cookies*.json cookies.sqlite secrets.* *secret*.json "
    "banking_creds.* payment_tokens.* api_keys.* wallet.dat"
)
PRIVATE_FOLDERS = (
    "whatsapp_session/ .wwebjs_*/ banking_creds/ payment_tokens/ api_keys/ secrets/ credentials/ "
    ".ssh/ .gnupg/ .aws/ .azure/ .kube/"
)
OTHER_FOLDERS = "node_modules/ venv/ env/ virtualenv/ __pycache__/ site-packages/"
OTHER_FILES = (
    "*.db *.db-* *.sqlite *.sqlite3 *.sqlite-* *.mdb *.log *.log.* *.pid *.lock *.tmp *.bak *.swp "
    "*.zip *.tar *.gz *.tgz *.bz2 *.xz *.7z *.rar *.zst *.iso *.dmg "
    "*.png *.jpg *.jpeg *.gif *.webp *.bmp *.tif *.tiff *.heic *.ico *.psd "
    "*.mp3 *.wav *.m4a *.ogg *.flac *.mp4 *.mov *.mkv *.avi *.webm "
    "*.exe *.dll *.so *.dylib *.bin *.jar *.class *.pyc *.apk"
)


def _globs(words: str) -> tuple[Glob, ...]:
    return tuple(Glob(word, floating=True) for word in words.split())


_SECRETS = _globs(PRIVATE_FILES) + _globs(PRIVATE_FOLDERS)
_OTHERS = _globs(OTHER_FILES) + _globs(OTHER_FOLDERS)


def is_secret(path: str) -> bool:
    """Does the name say that this holds a secret or a session?"""
    return any(glob.matches(path) for glob in _SECRETS)


def is_no_note(path: str) -> bool:
    """Does the name say that this is media, a database, an archive or a program's own?"""
    return any(glob.matches(path) for glob in _OTHERS)
