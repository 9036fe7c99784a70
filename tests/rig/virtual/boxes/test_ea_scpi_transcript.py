"""One session with an EA PSB 10000 over SCPI, command by command as facts A1.5 lists them."""

import numpy as np
import pytest
from box_client import BoxClient

from rig.virtual.boxes.ea_psb10000 import EaPsb10000

OK = '0,"No error"'
UNKNOWN = '-100,"Command error"'

SESSION = [
    ("SYST:LOCK:OWN?", "NONE", OK),
    ("VOLT 1", "", '-221,"Settings conflict"'),
    ("SYST:LOCK 1", "", OK),
    ("SYST:LOCK:OWN?", "REMOTE", OK),
    ("OUTP?", "OFF", OK),
    ("SOUR:VOLT 43.5", "", OK),
    ("VOLT?", "43.5V", OK),
    ("VOLT MAX;VOLT?", "510.0V", OK),
    ("VOLT MIN;VOLT?", "0.0V", OK),
    ("POW 3kW;POW?", "3000W", OK),
    ("POW 0.5 kW;POW?", "500W", OK),
    ("RES 1 OHM;RES?", "1.0OHM", OK),
    ("SINK:CURR 0;SINK:CURR?", "0.00A", OK),
    ("MEAS:ARR?", "0.0V, 0.00A, 0W", OK),
    ("CURR:PROT MAX;CURR:PROT?", "99.00A", OK),
    ("SINK:POW:PROT?", "16500W", OK),
    ("SYST:CONF:OVD:ACT SIGN;SYST:CONF:OVD:ACT?", "SIGN", OK),
    ("SYST:SINK:CONF:UCD 1;SYST:SINK:CONF:UCD?", "1.00A", OK),
    ("VOLT:LIM:LOW?;VOLT:LIM:HIGH?", "0.0V;510.0V", OK),
    ("SYST:NOM:VOLT?;SYST:NOM:CURR?;SYST:NOM:POW?", "500.0V;90.00A;15000W", OK),
    ("SYST:COMM:MON:TIM?;SYST:COMM:MON:ACT?", "5;OFF", OK),
    ("SYST:ALAR:COUN:OVOL?;SYST:SINK:ALAR:COUN:OCUR?", "0;0", OK),
    ("STAT:QUES?;STAT:QUES:EVEN?;STAT:QUES:COND?", "1024;0;1024", OK),
    ("STAT:QUES:ENAB?;STAT:OPER:ENAB?;*ESE?;*SRE?", "0;0;0;0", OK),
    ("OUTP ON;OUTP?;STAT:QUES:COND?;STAT:OPER:COND?", "ON;3072;256", OK),
    ("STAT:OPER:COND?", "256", OK),
    ("VOLT:PROT?;CURR:PROT?", "550.0V;99.00A", OK),
    ("VOLT:PROT?;:LIM:HIGH?", "550.0V", UNKNOWN),
    ("*OPC?", "", UNKNOWN),
    ("*WAI", "", UNKNOWN),
    ("*TST?", "", UNKNOWN),
    ("MEAS:VOLT", "", UNKNOWN),
    ("VOLT 511", "", '-222,"Data out of range"'),
    ("VOLT 1,2", "", '-223,"Too much data"'),
    ("OUTP PERHAPS", "", '-224,"Illegal parameter value"'),
    ("VOLT? 1", "", '-108,"Parameter not allowed"'),
    ("VOLT;;VOLT?", "0.0V", '-220,"Parameter error", -102,"Syntax error"'),
    ("*RST;OUTP?;SYST:LOCK:OWN?", "OFF;REMOTE", OK),
    ("SYST:LOCK OFF;SYST:LOCK:OWN?", "NONE", OK),
]


@pytest.fixture
def client(clock, circuit):
    box = EaPsb10000(circuit, clock, np.random.default_rng(5), meter_noise=0.0)
    return BoxClient(box.service())


def test_every_documented_command_answers_as_documented_in_5_ms(client):
    heard = [
        (message, client.say(message), client.say("SYST:ERR:ALL?")) for message, _, _ in SESSION
    ]
    assert heard == SESSION
    assert client.line.charged_s == pytest.approx(2 * len(SESSION) * 0.005)


def test_it_sinks_with_a_negative_sign_and_stops_at_its_limit(client, circuit):
    circuit.emf_v, circuit.ohm = 380.0, 1.0
    client.say("SYST:LOCK ON")
    for message in ("VOLT 360", "CURR 10", "SINK:CURR 15", "OUTP ON"):
        client.say(message)
    volts, amps, watts = client.say("MEAS:ARR?").split(", ")
    assert (float(volts[:-1]), float(amps[:-1])) == pytest.approx((365.0, -15.0), rel=1e-3)
    assert float(watts[:-1]) == pytest.approx(-5475.0, rel=2e-3)
    assert client.say("STAT:OPER:COND?") == str(1 << 9 | 1 << 12)
    client.say("SINK:CURR 0")
    assert float(client.say("MEAS:CURR?")[:-1]) == pytest.approx(0.0, abs=0.01)
