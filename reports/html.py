"""One HTML file with the whole report, made by Allure 3 from a folder of results."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path

from reports.allure_tool import AllureTool, NoAllureError
from reports.wording import CATEGORIES

__all__ = ["configuration", "make_html", "without_analytics"]

_HIDDEN_LABELS = ("framework", "language", "package", "parentSuite", "suite", "subSuite", "story")
"""They order the tests; on the page of a test they would only repeat it."""
_GENERATE_S = 300.0
_ANALYTICS = ("googletagmanager", "google-analytics")
_REMOTE_SCRIPT = re.compile(
    rf"<script\b[^>]*\bsrc=[\"']https?://[^\"']*(?:{'|'.join(_ANALYTICS)})[^>]*>\s*</script>\s*"
)
_ITS_SETUP = re.compile(
    r"<script>\s*window\.dataLayer\s*=.*?gtag\('config'.*?</script>\s*", re.DOTALL
)


def make_html(tool: AllureTool, results: Path, html: Path, *, name: str) -> None:
    """Write the report of a results folder as one file that needs no server and no network."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        config = folder / "allurerc.mjs"
        config.write_text(configuration(name, folder / "out"), encoding="utf-8")
        arguments = ["generate", "--config", str(config), str(results.resolve())]
        tool.run(arguments, cwd=folder, timeout_s=_GENERATE_S)
        pages = sorted((folder / "out").rglob("index.html"), key=lambda path: len(path.parts))
        if not pages:
            raise NoAllureError("Allure wrote no page")
        page = max(pages, key=lambda path: path.stat().st_size)
        text = without_analytics(page.read_text(encoding="utf-8"))
        page.write_text(text, encoding="utf-8")
        html.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, html)


def configuration(name: str, output: Path) -> str:
    """Return the configuration file of Allure 3."""
    config = {
        "name": name,
        "output": str(output),
        "hideLabels": list(_HIDDEN_LABELS),
        "categories": [
            {
                "name": title,
                "matchers": {"statuses": [status.value]} | ({"message": begins} if begins else {}),
            }
            for title, status, begins in CATEGORIES
        ],
        "plugins": {
            "awesome": {
                "options": {
                    "reportName": name,
                    "singleFile": True,
                    "reportLanguage": "en",
                    "theme": "light",
                    "groupBy": ["feature", "story"],
                }
            }
        },
    }
    return f"export default {json.dumps(config, indent=2)};\n"


def without_analytics(page: str) -> str:
    """Remove the page's calls home; raise ``NoAllureError`` when any would be left.

    >>> without_analytics('a<script async src="https://www.googletagmanager.com/x"></script>b')
    'ab'
    """
    page = _ITS_SETUP.sub("", _REMOTE_SCRIPT.sub("", page))
    for host in _ANALYTICS:
        if host in page:
            raise NoAllureError(f"the page of this Allure still calls {host}; it was not kept")
    return page
