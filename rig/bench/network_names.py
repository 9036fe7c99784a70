"""The fault networks a bench can have, by the name its bench file gives their contacts."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["FAULT_NETWORKS"]

FAULT_NETWORKS: Mapping[str, str] = {
    "cut_12v": "cuts the unit's 12 V supply",
    "dip_12v": "lets the unit's 12 V supply sink to 6 V",
    "reset_line": "holds the unit in reset",
    "output_115": "diagnostic plug: drives the output to 115 %",
    "output_120": "diagnostic plug: drives the output to 120 %",
    "output_76": "diagnostic plug: drives the output to 76.5 %, below 180 V",
    "output_42": "diagnostic plug: drives the output to 42 %, below 100 V",
    "clock_fast": "diagnostic plug: clocks the output 1.1 Hz too fast",
    "clock_slow": "diagnostic plug: clocks the output 1.1 Hz too slowly",
    "heatsink_58c": "a resistor for 58 C in place of the heat sink's sensor",
    "heatsink_65c": "a resistor for 65 C in place of the heat sink's sensor",
    "heatsink_70c": "a resistor for 70 C in place of the heat sink's sensor",
    "heatsink_74c": "a resistor for 74 C in place of the heat sink's sensor",
    "heatsink_76c": "a resistor for 76 C in place of the heat sink's sensor",
    "heatsink_80c": "a resistor for 80 C in place of the heat sink's sensor",
    "heatsink_85c": "a resistor for 85 C in place of the heat sink's sensor",
    "lid_a": "opens the lid switch of socket A",
    "lid_b": "opens the lid switch of socket B",
    "wet_a": "wets the water sensor of socket A",
    "wet_b": "wets the water sensor of socket B",
    "pe_break_a": "breaks the earth conductor of socket A",
    "pe_break_b": "breaks the earth conductor of socket B",
    "pe_break_c": "breaks the earth conductor of socket C",
    "backfeed_a": "feeds socket A from its neighbour's outlet, 230:250 V, 15 ohm in series",
    "backfeed_b": "feeds socket B from its neighbour's outlet, 230:250 V, 15 ohm in series",
    "backfeed_c": "feeds socket C from its neighbour's outlet, 230:250 V, 15 ohm in series",
    "backfeed_tap": "takes a tap of 32 V of the backfeed transformer in place of its 250 V",
    "weld_line_a": "bridges the line pole of socket A's relay",
    "weld_line_b": "bridges the line pole of socket B's relay",
    "weld_line_c": "bridges the line pole of socket C's relay",
    "weld_neutral_a": "bridges the neutral pole of socket A's relay",
    "weld_neutral_b": "bridges the neutral pole of socket B's relay",
    "weld_neutral_c": "bridges the neutral pole of socket C's relay",
}
"""What each does while its contact is closed (controller.md section 4)."""
