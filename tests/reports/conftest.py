"""A sample run, and its Allure results, made once for all tests of reports."""

import importlib.util
import json
from pathlib import Path

import pytest

from reports.allure_files import write_results
from rig.recording import Record

_spec = importlib.util.spec_from_file_location(
    "sample_run_builder", Path(__file__).with_name("sample_run_builder.py")
)
_builder = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_builder)


class Results:
    """Allure results read back, by the name of the test."""

    def __init__(self, folder):
        self.folder = folder
        read = [json.loads(path.read_text("utf-8")) for path in folder.glob("*-result.json")]
        self.by_name = {each["name"]: each for each in read}
        assert len(self.by_name) == len(read)

    def __getitem__(self, beginning):
        (found,) = [each for name, each in self.by_name.items() if name.startswith(beginning)]
        return found

    def attachment(self, item, name):
        (found,) = [each for each in item["attachments"] if each["name"] == name]
        return (self.folder / found["source"]).read_bytes()


@pytest.fixture(scope="session")
def builder():
    return _builder


@pytest.fixture(scope="session")
def read_results():
    return Results


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory):
    return _builder.write_sample(tmp_path_factory.mktemp("sample") / "run")


@pytest.fixture(scope="session")
def sample_results(sample_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample-results")
    with Record(sample_run) as record:
        write_results(record, folder, requirement_link="https://requirements.example/{}")
    return Results(folder)
