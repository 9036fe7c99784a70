"""Before power: nothing that puts voltage on an outlet past the unit's own relay is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import cast

from instruments.capabilities import RelayBank
from instruments.errors import BenchError
from rig.bench.model import BenchFile
from rig.bench.network_names import FEEDING

__all__ = ["check_sources_out"]


def check_sources_out(
    bench: BenchFile, drivers: Mapping[str, object], addresses: Mapping[str, str]
) -> None:
    """Read the coils of transformer and bypasses back; ``BenchError`` when one is driven.

    While the unit is off the transformer, fed by the unit itself, shows no voltage at a terminal.
    """
    by_board: dict[str, dict[int, str]] = defaultdict(dict)
    for name in sorted(FEEDING & set(bench.wiring.fault_networks)):
        contact = bench.wiring.fault_networks[name]
        by_board[contact.board][contact.relay] = name
    for board, names in by_board.items():
        closed = cast("RelayBank", drivers[board]).read_relays()
        left = [name for relay, name in names.items() if closed[relay]]
        if left:
            raise BenchError(
                "looking for sources before power",
                box=board,
                address=addresses[board],
                expected=f"{', '.join(names.values())} out",
                got=f"{', '.join(left)} in",
                did="nothing was switched on",
            )
