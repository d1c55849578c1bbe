# SPDX-License-Identifier: BSD-3-Clause
"""status: the tree against recorded answers, rates, watching, and many VFs."""

import copy
import json
import os
import pty
import re
import signal
import subprocess
import time

from ctl import Case, FAILED, OK, PROGRAM, TIMEOUT, UNREACHABLE, load, run
from peer import Peer, answers, closes, reply


def many_vfs(number):
    """A status of one PF with so many VFs; of each seven, one is in use and one granted."""
    status = {"pfs": [copy.deepcopy(load("status.json")["pfs"][0])]}
    pf = status["pfs"][0]
    busy, granted, free = pf["vfs"][0], pf["vfs"][1], pf["vfs"][4]
    pf["vfs"] = []
    for index in range(number):
        vf = copy.deepcopy({0: busy, 3: granted}.get(index % 7, free))
        vf.update(index=index, vf=f"0000:01:{index // 8 + 0x10:02x}.{index % 8}", group=100 + index)
        pf["vfs"].append(vf)
    pf["num_vfs"] = number
    return status


class Tree(Case):
    """What is printed for a recorded answer."""

    def test_tree_recorded_as_golden(self):
        with Peer(answers({"status": load("status.json")})) as peer:
            for name, options, locale in (("status.ascii.txt", [], "C"), ("status.unicode.txt", [], "C.UTF-8"),
                                          ("status.verbose.txt", ["-v"], "C.UTF-8")):
                with self.subTest(name):
                    result = run("status", *options, peer=peer, locale=locale)
                    self.assert_status(result, OK)
                    self.assert_golden(name, result.out)

    def test_tree_lines_short_and_without_trailing_blanks(self):
        for options in ([], ["-v"]):
            with Peer(answers({"status": load("status.json")})) as peer:
                for line in run("status", *options, peer=peer, locale="C.UTF-8").out.splitlines():
                    self.assertEqual(line, line.rstrip())
                    self.assertLessEqual(len(line), 120, line)

    def test_tree_without_pfs_tells_what_to_do(self):
        with Peer(answers({"status": {"pfs": []}})) as peer:
            result = run("status", peer=peer)
        self.assert_status(result, OK)
        self.assertIn("dpdk-sriovctl up PF --vfs N", result.out)

    def test_tree_json_as_daemon_told(self):
        status = load("status.json")
        with Peer(answers({"status": status})) as peer:
            self.assertEqual(run("status", "--json", peer=peer).json(), status)

    def test_tree_strange_status_survived(self):
        # Members that are missing or of another type are no reason to show nothing at all.
        pf = load("status.json")["pfs"][0]
        strange = [{}, {"pfs": 1}, {"pfs": [1, None, "x", {}]}, {"pfs": [{"vfs": [None, 1, {}]}]},
                   {"pfs": [{**pf, "vfs": {}, "link": 3, "token": [], "features": [1], "counters": [1]}]}]
        for key in pf["vfs"][0]:
            for value in (None, 1, "x", [], {}, [None], [[1]], True):
                strange.append({"pfs": [{**pf, "vfs": [{**pf["vfs"][0], key: value}]}]})
        for status in strange:
            with Peer(answers({"status": status})) as peer:
                self.assert_status(run("status", peer=peer), OK)

    def test_tree_control_characters_not_printed(self):
        status = load("status.json")
        status["pfs"][0]["vfs"][0]["holders"][0]["comm"] = "x\x1b]0;owned\x07"
        status["pfs"][0]["pmd"] = "\x1b[2J"
        with Peer(answers({"status": status})) as peer:
            self.assertNotRegex(run("status", peer=peer).out, "[\x1b\x07]")

    def test_tree_127_vfs_one_page_each_holder_named(self):
        status = many_vfs(127)
        with Peer(answers({"status": status})) as peer:
            start = time.monotonic()
            result = run("status", peer=peer)
            self.assertLess(time.monotonic() - start, 2)
            verbose = run("status", "-v", peer=peer)
        self.assert_status(result, OK)
        self.assertEqual(result.out.count("pid 4711 dpdk-testpmd"), 19)
        self.assertIn("1 PF, 127 VFs: 19 in use, 18 granted, 90 free", result.out)
        # Each VF is there, by itself or in a range.
        shown = set()
        for first, last in re.findall(r"^[|`]- (\d+)(?:-(\d+))? ", result.out, re.M):
            shown |= set(range(int(first), int(last or first) + 1))
        self.assertEqual(shown, set(range(127)))
        self.assertEqual(len(re.findall(r"^[|`]- \d+ ", verbose.out, re.M)), 127)

    def test_tree_free_vfs_with_resets_only_share_a_line(self):
        status = load("status.json")
        for vf in status["pfs"][0]["vfs"][4:]:
            vf["counters"]["resets"] = 1
        with Peer(answers({"status": status})) as peer:
            self.assertIn("`- 4-6 ", run("status", peer=peer).out)
        status["pfs"][0]["vfs"][5]["counters"]["tx_packets"] = 1
        with Peer(answers({"status": status})) as peer:
            self.assertIn("tx_packets 1  resets 1", run("status", peer=peer).out)

    def test_tree_127_free_vfs_few_lines(self):
        status = many_vfs(1)
        vf = load("status.json")["pfs"][0]["vfs"][4]
        status["pfs"][0]["vfs"] = [{**vf, "index": i, "vf": f"0000:01:{i // 8 + 0x10:02x}.{i % 8}"} for i in range(127)]
        status["pfs"][0]["num_vfs"] = 127
        with Peer(answers({"status": status})) as peer:
            lines = run("status", peer=peer).out.splitlines()
        self.assertLess(len(lines), 8)
        self.assertIn("`- 0-126  0000:01:10.0 to 0000:01:1f.6  127 VFs  free", lines)


class Watch(Case):
    """--watch."""

    def test_watch_count_bounds_and_rates_shown(self):
        first = load("status.json")
        second = copy.deepcopy(first)
        second["pfs"][0]["vfs"][0]["counters"]["rx_packets"] += 5000
        # A counter that went back, as after a reset, has no rate.
        second["pfs"][0]["vfs"][0]["counters"]["tx_packets"] = 5
        statuses = iter([first, second])
        with Peer(answers({"status": lambda _: next(statuses)})) as peer:
            result = run("status", "--watch", "--interval", 1, "--count", 2, peer=peer)
        self.assert_status(result, OK)
        self.assertEqual(len(peer.requests), 2)
        rate = re.search(r"rx_packets 1209511 \(\+(\d+)/s\)", result.out)
        self.assertTrue(rate, result.out)
        self.assertTrue(2000 < int(rate.group(1)) <= 5000, rate.group(1))
        self.assertNotRegex(result.out, r"tx_packets 5 \(")
        self.assertEqual(len(re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", result.out, re.M)), 2)
        self.assertNotIn("\x1b", result.out)

    def test_watch_json_one_line_each(self):
        with Peer(answers({"status": load("status.json")})) as peer:
            result = run("status", "--watch", "--interval", 1, "--count", 2, "--json", peer=peer)
        self.assertEqual([json.loads(line) for line in result.out.splitlines()], [load("status.json")] * 2)

    def test_watch_daemon_restarting_survived(self):
        calls = []

        def script(request, send):
            calls.append(request)
            if len(calls) != 2:
                send(reply(request, result=load("status.json")))
        with Peer(script) as peer:
            result = run("status", "--watch", "--interval", 1, "--count", 3, peer=peer)
        self.assert_status(result, OK)
        self.assertEqual(result.out.count("0000:01:00.0  vfio-pci"), 2)
        self.assertIn("closed the connection", result.err)

    def test_watch_daemon_gone_at_the_end_is_status_3(self):
        with Peer(closes) as peer:
            result = run("status", "--watch", "--interval", 1, "--count", 2, peer=peer)
        self.assert_status(result, UNREACHABLE)
        self.assertEqual(result.err.count("closed the connection"), 2)

    def test_watch_refused_ends(self):
        with Peer(answers({})) as peer:
            self.assert_status(run("status", "--watch", "--interval", 1, peer=peer), FAILED)
            self.assertEqual(len(peer.requests), 1)

    def test_watch_on_terminal_redraws(self):
        master, slave = pty.openpty()
        with Peer(answers({"status": {"pfs": []}})) as peer:
            with subprocess.Popen([PROGRAM, "--socket", peer.path, "status", "--watch", "--interval", "1"],
                                  stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                                  # Ignored by what a shell has started in the background.
                                  preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as child:
                os.close(slave)
                try:
                    shown = b""
                    while shown.count(b"\x1b[H\x1b[J") < 2:
                        shown += os.read(master, 4096)
                    # It goes on until it is interrupted.
                    child.send_signal(signal.SIGINT)
                    self.assertEqual(child.wait(timeout=10), -signal.SIGINT)
                finally:
                    child.kill()
        os.close(master)

    def test_watch_silent_daemon_bounded(self):
        with Peer(lambda _request, _send: time.sleep(2.5)) as peer:
            start = time.monotonic()
            result = run("status", "--watch", "--interval", 1, "--count", 2, "-t", 1, peer=peer)
            self.assertLess(time.monotonic() - start, 5)
        self.assert_status(result, TIMEOUT)
