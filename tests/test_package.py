"""The wheel: it carries its hooks and templates, and works where no source tree is."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_hooks_templates_and_types(wheel: Path) -> None:
    """Nothing the installed program reads is missing from the wheel, and nothing private is in it."""
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        "vaultkit/py.typed",
        "vaultkit/_bundled/hooks/claim.py",
        "vaultkit/_bundled/hooks/outbox.py",
        "vaultkit/_bundled/hooks/send_back.py",
        "vaultkit/_bundled/templates/hooks/new.py",
        "vaultkit/_bundled/examples/hook_package/pyproject.toml",
        "vaultkit/_bundled/templates/platinum/vaultkit.yaml",
        "vaultkit/_bundled/templates/platinum/dot_gitignore",
        "vaultkit/_bundled/templates/platinum/Pending Approval.base",
        "vaultkit/_bundled/templates/notes/email_reply.md",
        "vaultkit/_bundled/examples/cloud_email_agent.py",
    }
    assert wanted <= names
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".pyc")]


def test_the_wheel_works_in_a_fresh_environment_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    """Installed into a new environment, without the source tree, `vaultkit init` makes a vault."""
    venv = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", str(venv)], check=True)
    python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
    inherit_packages(venv)
    install = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--ignore-installed", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, cwd=tmp_path)
    vaultkit = str(python.with_name("vaultkit"))
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "COVERAGE"))
    }
    made = subprocess.run(
        [vaultkit, "init", "vault", "--agent", "local_agent", "--human"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "vault/vaultkit.yaml").is_file()
    where = "import vaultkit; print(vaultkit.__file__)"
    loaded = subprocess.run(
        [str(python), "-c", where], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert str(venv) in loaded.stdout


def inherit_packages(venv: Path) -> None:
    """Let the new environment see this one's libraries (not this checkout), so that nothing is downloaded."""
    import click

    here = Path(click.__file__).resolve().parents[1]
    there = next(venv.glob("lib/python*/site-packages"), venv / "Lib/site-packages")
    (there / "inherited.pth").write_text(f"{here}\n", "utf-8")
