"""A reply in text is text: what does not print is noise, and never part of a name or a number."""

import pytest

from instruments.errors import BenchError
from instruments.links import VisaLink


@pytest.fixture
def link_to(stack, clock, wires):
    def make(server):
        resource = f"TCPIP::127.0.0.1::{server.port}::SOCKET"
        link = VisaLink(resource, name="box", clock=clock, wires=wires, timeout_s=0.5)
        stack.callback(link.close)
        return link

    return make


@pytest.mark.parametrize(
    "reply",
    [
        b"ITECH,IT8615\0,1,2\n",
        b"\x0012.5\n",
        b"12.5\0\n",
        b"A,\x1b[2J,B,C\n",
        b"1\r2\n",
        b"\x7f1\n",
    ],
)
def test_a_reply_with_control_characters_is_an_error_and_the_next_is_sound(serve, link_to, reply):
    link = link_to(serve(answers={"A?": reply, "B?": b"2\n"}))
    with pytest.raises(BenchError, match=r"no text.*opens it anew"):
        link.query("A?")
    assert link.query("B?") == "2"


@pytest.mark.parametrize("reply", [b"12.5\r\n", b" 12.5 \n", b"\t12.5\t\r\n"])
def test_white_space_around_a_reply_is_none_of_it(serve, link_to, reply):
    assert link_to(serve(answers={"A?": reply})).query("A?") == "12.5"


def test_a_tab_between_words_is_text(serve, link_to):
    assert link_to(serve(answers={"A?": b"1\t2\n"})).query("A?") == "1\t2"
