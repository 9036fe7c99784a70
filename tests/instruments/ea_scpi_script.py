"""What an EA supply must be told over SCPI, step by step, and what it answers."""

from instruments.ea_psb_scpi import EaPsbScpi
from instruments.ratings import SupplyRating

RATING = SupplyRating(500.0, 90.0, 15_000.0)
NO_ERROR = '0,"No error"'
NOTE = "STAT:QUES?;:STAT:QUES:COND?"
FREE, MINE = "0;0", "1024;1024"
REMOTE = (
    (NOTE, FREE),
    ("*CLS", None),
    ("SYST:LOCK ON", None),
    (f"{NOTE};:SYST:LOCK:OWN?;:SYST:ERR?", f"{MINE};REMOTE;{NO_ERROR}"),
)
NOMINAL_V, NOMINAL_A, NOMINAL_W = (
    ("SYST:NOM:VOLT?", "500V"),
    ("SYST:NOM:CURR?", "90.0A"),
    ("SYST:NOM:POW?", "15000W"),
)


def setting(command, query, reply, error=NO_ERROR, note=MINE):
    return (command, None), (f"{NOTE};:{query};:SYST:ERR?", f"{note};{reply};{error}")


def switching(word, note=MINE, error=NO_ERROR):
    return (f"OUTP {word}", None), (f"{NOTE};:SYST:ERR?", f"{note};{error}")


def scripted_supply(scripted_scpi, clock, *steps, rating=RATING):
    """Return the driver on a link that plays the steps, and the link."""
    link = scripted_scpi(*steps)
    return EaPsbScpi(link, clock, rating), link
