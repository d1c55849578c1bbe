# SPDX-License-Identifier: BSD-3-Clause
"""Runs dpdk-sriovctl for the tests."""

import json
import os
import subprocess
import unittest

PROGRAM = os.environ["DPDK_SRIOVCTL"]
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")

# Exit statuses, as the man page has them.
OK, FAILED, USAGE, UNREACHABLE, FINDINGS, TIMEOUT, PROTOCOL, LOCAL = range(8)

TOKEN = "5ec7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5f6"


class Result:
    """What a run left: status, out, err."""

    def __init__(self, completed):
        self.status = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    def json(self):
        """Its output as JSON."""
        return json.loads(self.out)


def run(*args, peer=None, locale="C", timeout=20, **options):
    """Run the program; with a peer, on that one's socket."""
    command = [PROGRAM]
    if peer is not None:
        command += ["--socket", peer.path]
    command += [str(arg) for arg in args]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": locale, "TZ": "UTC"}
    return Result(subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="surrogateescape", stdin=subprocess.DEVNULL,
                                 env=environment, timeout=timeout, check=False, **options))


def load(name):
    """An object of the directory of recorded answers."""
    with open(os.path.join(GOLDEN, name), encoding="utf-8") as file:
        return json.load(file)


class Case(unittest.TestCase):
    """A test with a few more assertions."""

    maxDiff = None

    def assert_status(self, result, status):
        """The run's exit status."""
        self.assertEqual(result.status, status, f"stdout: {result.out}\nstderr: {result.err}")

    def assert_golden(self, name, text):
        """The text is that of a file; GOLDEN_UPDATE=1 in the environment writes the file anew."""
        path = os.path.join(GOLDEN, name)
        if os.environ.get("GOLDEN_UPDATE"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), text, f"is not as in {name}; GOLDEN_UPDATE=1 renews it")
