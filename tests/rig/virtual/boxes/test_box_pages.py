"""The pages of the boxes list the commands that the simulated boxes take, no more and no less."""

import re
from pathlib import Path

import numpy as np
import pytest

from rig.clock import VirtualClock
from rig.virtual.boxes.chroma_63800 import Chroma63800
from rig.virtual.boxes.delta_sm15k import DeltaSm15k
from rig.virtual.boxes.ea_commands import commands_of
from rig.virtual.boxes.ea_psb10000 import EaPsb10000
from rig.virtual.boxes.ea_scpi import spellings
from rig.virtual.boxes.itech_it6000c import ItechIt6000c
from rig.virtual.boxes.itech_it8600 import ItechIt8600
from rig.virtual.boxes.keysight_infiniivision import KeysightInfiniiVision
from rig.virtual.boxes.keysight_rp7900 import KeysightRp7900
from rig.virtual.boxes.siglent_sds import SiglentSds
from rig.virtual.boxes.yokogawa_wt500 import YokogawaWt500
from rig.virtual.ports import AcQuantities

PAGES = Path(__file__).parents[4] / "docs" / "boxes"
LISTED = {
    "chroma-63800": Chroma63800,
    "delta-sm15k": DeltaSm15k,
    "itech-it6000c": ItechIt6000c,
    "itech-it8600": ItechIt8600,
    "keysight-infiniivision": KeysightInfiniiVision,
    "keysight-rp7900": KeysightRp7900,
    "siglent-sds": SiglentSds,
    "yokogawa-wt500": YokogawaWt500,
}
OTHERS = {
    "ea-psb10000", "point-on-wave", "reference-controller", "register-thermometer",
    "slcan-adapter", "waveshare-relay",
}  # fmt: skip


class Terminals:
    def apply(self, setting):
        pass

    def read(self):
        return AcQuantities(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def section(page, title):
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE).group(1)


def listed(page, title="Commands"):
    """Return the headers of a page, commands and queries (with their question mark) apart."""
    headers = set()
    for line in re.findall(r"^    (\S+)$", section(page, title), re.MULTILINE):
        if line.endswith("[?]"):
            headers |= {line[:-3], f"{line[:-3]}?"}
        else:
            headers.add(line)
    return headers


def test_every_box_has_a_page_and_every_page_a_box():
    assert {page.stem for page in PAGES.glob("*.md")} == set(LISTED) | OTHERS


@pytest.mark.parametrize("page", LISTED)
def test_a_page_lists_the_commands_of_its_box(page):
    clock, rng = VirtualClock(), np.random.default_rng(1)
    kind, port = LISTED[page], Terminals()
    box = kind(clock, [port] if kind is YokogawaWt500 else port, rng)
    assert listed(page) == set(box.headers)


def test_the_page_of_the_ea_lists_its_scpi_commands():
    box = EaPsb10000(Terminals(), VirtualClock(), np.random.default_rng(1))
    table = commands_of(box.supply, box.status)
    known = {f"{header}?" for header, command in table.items() if command.query}
    known |= {header for header, command in table.items() if command.write}
    said = set()
    for header in listed("ea-psb10000", "SCPI"):
        mark = "?" if header.endswith("?") else ""
        said |= {spelling + mark for spelling in spellings(header.rstrip("?"))}
    assert said == known


@pytest.mark.parametrize("page", sorted(set(LISTED) | OTHERS))
def test_a_page_names_files_that_exist(page):
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    files = re.findall(r"`((?:rig|instruments)/[\w/]+\.py)`", text)
    assert files
    assert [name for name in files if not (PAGES.parents[1] / name).is_file()] == []
