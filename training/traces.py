"""Invented stack traces, error output and logs, bare or with a few words around them."""

from __future__ import annotations

import random
from typing import Final

__all__ = ["log_lines", "stack_trace"]

_FILES: Final = """billing views models parser worker server client routes handlers storage auth
cart report queue search mailer export loader cache index sync session upload render stats"""
_CALLS: Final = """load save render run handle fetch parse update create process send find compute
validate open commit dispatch resolve build apply"""
_PYTHON: Final = """KeyError: 'id'
ValueError: invalid literal for int() with base 10: 'x'
ModuleNotFoundError: No module named 'requests'
AttributeError: 'NoneType' object has no attribute 'get'
TypeError: unsupported operand type(s) for +: 'int' and 'str'
ZeroDivisionError: division by zero
RecursionError: maximum recursion depth exceeded
FileNotFoundError: [Errno 2] No such file or directory
sqlalchemy.exc.OperationalError: database is locked
UnicodeDecodeError: 'utf-8' codec can't decode"""
_JAVA: Final = """java.lang.IllegalStateException: Failed to load context
java.lang.ClassCastException: class A cannot be cast to class B
java.util.ConcurrentModificationException
java.lang.OutOfMemoryError: Java heap space
java.sql.SQLException: Connection is closed
java.lang.ArrayIndexOutOfBoundsException: Index 5"""
_SCRIPT: Final = """TypeError: undefined is not a function
ReferenceError: window is not defined
Error: Cannot find module './config'
Error: listen EADDRINUSE: address already in use :::3000
Unhandled promise rejection: TimeoutError
SyntaxError: Unexpected token '<'
RangeError: Maximum call stack size exceeded
Error: Request failed with status code 401"""
_COMPILED: Final = """error[E0382]: borrow of moved value: `items`
undefined reference to `init'
error: expected ';' before '}' token
cannot use x (type int) as type string in argument
error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'
fatal error: stdio.h: No such file or directory
panic: assignment to entry in nil map
error CS1002: ; expected
segmentation fault (core dumped)
undefined: parseDate"""
_RUNS: Final = """FAILED tests/test_{0}.py::test_{1} - AssertionError: assert 3 == 4
FAIL src/{0}.test.ts > {1} > returns a list: expected 200 to be 404
--- FAIL: Test{1} (0.01s)  {0}_test.go:41: got 7, want 8
npm ERR! code ELIFECYCLE npm ERR! {0}@1.0.0 build: `tsc` npm ERR! Exit status 2
ERROR: Could not find a version that satisfies the requirement {0}
make: *** [{0}] Error 1
BUILD FAILURE: Failed to execute goal compiler:compile on project {0}
process completed with exit code 1. Error: {1} in step {0}"""
_WORDS: Final = """what does this mean
why
how do I fix this
I get this
help
any idea what is wrong here
this happens when I start it
see below
fix
what is going on
this came up in the tests"""
_LOGS: Final = """ERROR [{0}] {1} failed after 3 retries: connection refused
WARN  {0}: {1} took 12034 ms, slow query
[error] upstream timed out (110) while reading response header, request: "GET /{0}"
level=error msg="{1} failed" service={0} err="context deadline exceeded"
kubelet: Back-off restarting failed container {0}
kernel: Out of memory: Killed process 4121 ({0})
systemd[1]: {0}.service: Main process exited, code=exited, status=1/FAILURE
dial tcp 10.2.0.14:6379: connect: connection refused ({0})
disk usage of /var/lib/{0} at 97%
INFO {0} - {1} started on port 8081
"POST /api/{0} HTTP/1.1" 502 157 "-" "curl/8.5.0"
FATAL: too many connections for role "{0}"
CrashLoopBackOff {0}-6d8f7c9b4-x2x7q restarts=14
certificate for {0}.internal has expired"""


def stack_trace(chance: random.Random) -> str:
    """What a program, a compiler or a test run says when it fails."""
    kind = chance.choice((_python, _java, _script, _compiled, _run))
    return _with_words(kind(chance), chance)


def log_lines(chance: random.Random) -> str:
    """One to six lines of a server's log."""
    lines = []
    for _ in range(chance.randint(1, 6)):
        stamp = chance.choice(
            ("2026-0{}-1{} 04:1{}:09 ", "Mar {}{} 02:{}4:01 web1 ", "[{}{}:5{}:33] ", "")
        ).format(*(chance.randint(1, 9) for _ in range(3)))
        line = chance.choice(_LOGS.splitlines())
        lines.append(
            stamp + line.format(chance.choice(_FILES.split()), chance.choice(_CALLS.split()))
        )
    return _with_words("\n".join(lines), chance)


def _with_words(material: str, chance: random.Random) -> str:
    words = chance.choice(_WORDS.splitlines())
    kind = chance.random()
    if kind < 0.15:
        return f"{words}:\n{material}"
    return f"{material}\n\n{words}" if kind < 0.35 else material


def _python(chance: random.Random) -> str:
    frames = "\n".join(
        f'  File "/app/{chance.choice(_FILES.split())}.py", line {chance.randint(5, 400)}, in '
        f"{chance.choice(_CALLS.split())}\n    return self.{chance.choice(_CALLS.split())}(item)"
        for _ in range(chance.randint(1, 4))
    )
    return f"Traceback (most recent call last):\n{frames}\n{_one(_PYTHON, chance)}"


def _java(chance: random.Random) -> str:
    frames = "\n".join(
        f"\tat com.example.{file}.{file.title()}.{chance.choice(_CALLS.split())}"
        f"({file.title()}.java:{chance.randint(10, 300)})"
        for file in chance.sample(_FILES.split(), chance.randint(1, 4))
    )
    return f"{_one(_JAVA, chance)}\n{frames}"


def _script(chance: random.Random) -> str:
    frames = "\n".join(
        f"    at {chance.choice(_CALLS.split())} (/srv/src/{file}.js:{chance.randint(2, 90)}:12)"
        for file in chance.sample(_FILES.split(), chance.randint(1, 3))
    )
    return f"{_one(_SCRIPT, chance)}\n{frames}"


def _compiled(chance: random.Random) -> str:
    place = f"src/{chance.choice(_FILES.split())}.{chance.choice(('rs', 'c', 'go', 'ts', 'cs'))}"
    return f"{place}:{chance.randint(3, 200)}:9: {_one(_COMPILED, chance)}"


def _run(chance: random.Random) -> str:
    return _one(_RUNS, chance).format(chance.choice(_FILES.split()), chance.choice(_CALLS.split()))


def _one(listing: str, chance: random.Random) -> str:
    return chance.choice(listing.splitlines())
