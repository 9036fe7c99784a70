"""Where the workers of several pools keep their records."""

import json
import os

import pytest

from rig.qualify import pool as pool_module
from rig.qualify.job import Job
from rig.qualify.pool import Pool


@pytest.fixture
def keeps_a_folder(monkeypatch):
    """Let a worker do nothing but make its folder, which must be new."""

    def work(session, job, folder, pipe):
        status = 1
        try:
            folder.mkdir(parents=True)
            os.write(pipe, json.dumps({"ended": True}).encode() + b"\n")
            status = 0
        finally:
            os._exit(status)

    monkeypatch.setattr(pool_module, "work", work)


@pytest.mark.usefixtures("keeps_a_folder")
def test_the_pools_of_two_benches_keep_their_records_apart(tmp_path):
    jobs = [Job("unit 7", {}, ()), Job("unit 8", {}, ())]
    for bench in (1, 2):
        done = []
        Pool(None, tmp_path / "kept", size=1, silence_s=10.0, keep=True).run(jobs, done.append)
        assert [result.broken for result in done] == [[], []]
        assert len(list((tmp_path / "kept").iterdir())) == 2 * bench
