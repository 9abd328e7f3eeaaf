"""A provider that is not one: three dialects on a loopback port, and every way to fail.

The demonstration, the tests and the benchmarks share it. It depends on nothing else in this house:
a fake that shared code with what it tests would share its mistakes too.
"""

from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.exchange import Exchange
from extproc.demo.provider.server import FakeProvider
from extproc.demo.provider.spec import parse_behaviour

__all__ = ["Behaviour", "Exchange", "FakeProvider", "parse_behaviour"]
