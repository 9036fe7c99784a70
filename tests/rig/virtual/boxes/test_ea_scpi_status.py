"""EA PSB 10000 over SCPI: conditions, events and alarms in its registers."""


def test_conditions_latch_and_events_clear_when_read(ea):
    ea.lock()
    ea.say("OUTP ON")
    assert ea.say("STAT:QUES:COND?") == "3072"
    assert ea.say("STAT:QUES?") == "3072"
    assert ea.say("STAT:QUES:EVEN?") == "0"
    ea.terminals.show(300.0, -5.0, "CC")
    assert ea.say("STAT:OPER:COND?") == str(1 << 9 | 1 << 12)


def test_an_alarm_waits_in_questionable_until_errors_are_read(ea):
    ea.lock()
    ea.say("VOLT:PROT 400;OUTP ON")
    ea.terminals.show(410.0, 1.0)
    assert int(ea.say("STAT:QUES:COND?")) & 1 == 1
    assert ea.say("OUTP?") == "OFF"
    ea.say("OUTP ON")
    assert ea.error() == -200
    assert int(ea.say("STAT:QUES:COND?")) & 1 == 1
    ea.terminals.show(0.0, 0.0)
    ea.say("SYST:ERR?")
    assert int(ea.say("STAT:QUES:COND?")) & 1 == 0
    assert ea.say("SYST:ALAR:COUN:OVOL?") == "1"
    ea.say("OUTP ON")
    assert ea.say("OUTP?") == "ON"


def test_a_sink_alarm_shows_in_the_secondary_register(ea):
    ea.lock()
    ea.say("SINK:CURR:PROT 20;OUTP ON;STAT:SEC:QUES:ENAB 1")
    ea.terminals.show(300.0, -25.0)
    assert ea.say("STAT:SEC:QUES:COND?") == "1"
    assert int(ea.say("*STB?")) & 1 == 1
    assert ea.say("SYST:SINK:ALAR:COUN:OCUR?;SYST:ALAR:COUN:OCUR?") == "1;0"


def test_the_status_byte_sums_up(ea):
    assert ea.say("*ESR?") == "128"
    assert ea.say("*STB?") == "0"
    ea.say("*ESE 32;*SRE 32")
    ea.say("FOO")
    assert ea.say("*STB?") == "100"
    assert ea.say("*ESR?") == "32"
    assert ea.say("*STB?") == "4"
    ea.error()
    assert ea.say("*STB?") == "0"


def test_cls_clears_errors_and_events_but_no_setting(ea):
    ea.lock()
    ea.say("VOLT 100;OUTP ON;FOO")
    ea.say("*CLS")
    assert ea.say("SYST:ERR?") == '0,"No error"'
    assert ea.say("STAT:QUES?;*ESR?;VOLT?;OUTP?") == "0;0;100.0V;ON"


def test_rst_takes_remote_and_switches_off(ea):
    ea.lock()
    ea.say("OUTP ON;SYST:LOCK OFF")
    ea.say("*RST")
    assert ea.say("SYST:LOCK:OWN?;OUTP?") == "REMOTE;OFF"
