"""Resource strings: what they mean, and what is told of one that cannot be."""

import pytest

from instruments.errors import UsageError
from instruments.links.visa_address import parse_resource


@pytest.mark.parametrize(
    ("resource", "kind", "wire"),
    [
        ("TCPIP::10.0.0.7::5025::SOCKET", "socket", "10.0.0.7:5025"),
        ("TCPIP0::load-c.lab::30000::SOCKET", "socket", "load-c.lab:30000"),
        ("TCPIP0::10.0.0.7::hislip0::INSTR", "hislip", "10.0.0.7:4880"),
        ("TCPIP0::10.0.0.7::hislip0,4881::INSTR", "hislip", "10.0.0.7:4881"),
        ("TCPIP0::10.0.0.7::inst0::INSTR", "vxi11", "10.0.0.7:111"),
        ("ASRL/dev/serial/by-id/usb-FTDI_A10::INSTR", "serial", "/dev/serial/by-id/usb-FTDI_A10"),
    ],
)
def test_a_resource_string_says_which_conversation_on_which_wire(resource, kind, wire):
    parsed = parse_resource(resource)
    assert (parsed.kind, parsed.wire) == (kind, wire)


@pytest.mark.parametrize(
    "resource",
    [
        "TCPIP::10.0.0.7::70000::SOCKET",
        "TCPIP::10.0.0.7::0::SOCKET",
        "TCPIP::10.0.0.7::scpi::SOCKET",
        "TCPIP::10.0.0.7::hislip0,x::INSTR",
        "TCPIP::10.0.0.7,99999::inst0::INSTR",
    ],
)
def test_a_port_that_cannot_be_is_the_authors_mistake(resource):
    with pytest.raises(UsageError, match="expected a port 1 to 65535"):
        parse_resource(resource)


def test_that_ipv6_has_no_place_in_a_resource_string_is_said():
    with pytest.raises(UsageError, match="an IPv4 address or a host name"):
        parse_resource("TCPIP::[fd00::20]::5025::SOCKET")
