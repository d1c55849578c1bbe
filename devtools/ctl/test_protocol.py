# SPDX-License-Identifier: BSD-3-Clause
"""The control protocol: replies good and bad, and daemons that are slow, gone or somebody else."""

import json
import os
import pty
import select
import socket
import subprocess
import tempfile
import time

from ctl import Case, FAILED, LOCAL, OK, PROGRAM, PROTOCOL, TIMEOUT, TOKEN, UNREACHABLE, USAGE, run
from peer import Peer, answers, closes, reply, sleeps

BUSY = {
    "errno": "EBUSY", "device": "0000:01:10.0", "message": "cannot remove VFs: they are held",
    "remedy": "end these processes, or use --force",
    "holders": [{"pid": 12, "uid": 1001, "comm": "dpdk-testpmd", "device": "0000:01:10.0"},
                {"pid": 13, "uid": 1002, "comm": "qemu-system-x86", "device": "0000:01:10.2"}],
}

# Packets that are no replies of the protocol. What is in them must not be repeated: it may be a token.
MALFORMED = [
    b"", b"\0", b"x", b"null", b"[]", b"1", b"{", b"{}", b'{"id":1}', b"\xff\xfe", b'{"id":1,"result":{}}}',
    b'{"id":1,"result":{}}{"id":1,"result":{}}', b'{"result":{}}', b'{"id":"1","result":{}}', b'{"id":2,"result":{}}',
    b'{"id":0,"result":{}}', b'{"id":2,"error":{"message":"x"}}', b'{"id":0,"progress":{"text":"x"}}',
    b'{"id":1.0,"result":{}}', b'{"id":1,"result":[]}', b'{"id":1,"result":null}', b'{"id":1,"error":{}}',
    b'{"id":1,"error":{"message":""}}', b'{"id":1,"error":{"message":1}}', b'{"id":1,"error":"x"}',
    b'{"id":1,"error":{"message":"x","holders":{}}}', b'{"id":1,"error":{"message":"x","holders":[1]}}',
    b'{"id":1,"progress":{}}', b'{"id":1,"progress":{"text":"x","done":-1}}', b'{"id":1,"result":{},"error":{}}',
    b'{"id":1,"id":1,"result":{}}', b'{"id":1,"result":{"a":1,"a":2}}', b'{"id":99999999999999999999,"result":{}}',
    b'{"id":1,"result":{"token":"\xc3"}}', b"[" * 5000, b'{"id":1,"result":' + b'{"a":' * 3000 + b"1" + b"}" * 3001,
]


def says(*packets):
    """A script that sends these packets, whatever it is asked."""
    def script(_request, send):
        for packet in packets:
            send(packet)
    return script


class Replies(Case):
    """What is made of replies."""

    def test_error_device_cause_remedy_holders_printed(self):
        with Peer(lambda request, send: send(reply(request, error=BUSY))) as peer:
            result = run("down", "01:00.0", peer=peer)
        self.assert_status(result, FAILED)
        self.assertEqual(result.out, "")
        self.assertEqual(result.err, (
            "dpdk-sriovctl: 0000:01:10.0: cannot remove VFs: they are held (EBUSY)\n"
            "  held by: pid 12 (dpdk-testpmd, uid 1001) on 0000:01:10.0\n"
            "  held by: pid 13 (qemu-system-x86, uid 1002) on 0000:01:10.2\n"
            "  remedy: end these processes, or use --force\n"))

    def test_error_json_is_protocols_error(self):
        with Peer(lambda request, send: send(reply(request, error=BUSY))) as peer:
            result = run("down", "01:00.0", "--json", peer=peer)
        self.assert_status(result, FAILED)
        self.assertEqual(result.json(), {"error": {**BUSY, "exit_status": FAILED}})
        self.assertIn("held by: pid 12", result.err)

    def test_error_minimal_printed(self):
        with Peer(lambda request, send: send(reply(request, error={"message": "no"}))) as peer:
            result = run("reload", peer=peer)
        self.assert_status(result, FAILED)
        self.assertEqual(result.err, "dpdk-sriovctl: no\n")

    def test_error_without_id_taken(self):
        # A daemon that cannot read a request does not know its id.
        for start in (b'{', b'{"id":0,'):
            with Peer(says(start + b'"error":{"errno":"EPROTO","message":"malformed request"}}')) as peer:
                result = run("reload", peer=peer)
            self.assert_status(result, FAILED)
            self.assertIn("malformed request (EPROTO)", result.err)

    def test_error_device_in_message_not_twice(self):
        error = {"device": "0000:01:10.0", "message": "0000:01:10.0: no"}
        with Peer(lambda request, send: send(reply(request, error=error))) as peer:
            self.assertEqual(run("reload", peer=peer).err, "dpdk-sriovctl: 0000:01:10.0: no\n")

    def test_error_long_text_cut_off_at_character(self):
        error = {"message": "a" + "\u00fc" * 3000, "remedy": "\u20ac" * 3000}
        for option in ([], ["--json"]):
            with Peer(lambda request, send: send(reply(request, error=error))) as peer:
                result = run("reload", *option, peer=peer, locale="C.UTF-8")
            self.assert_status(result, FAILED)
            # Fails for half a character.
            result.err.encode("utf-8")
        self.assertTrue(result.json()["error"]["message"].startswith("a\u00fc\u00fc"))

    def test_text_control_characters_not_printed(self):
        evil = "a\x1b[2Jb\x07c\rd\u009b31me\x7f"
        error = {"errno": evil, "device": evil, "message": evil, "remedy": evil,
                 "holders": [{"pid": 1, "uid": 2, "comm": evil, "device": evil}]}
        hello = {"program": evil, "version": evil}
        with Peer(lambda request, send: send(reply(request, error=error))) as peer:
            texts = [run("reload", peer=peer).err]
        with Peer(answers({"hello": hello, "reload": {"changes": [evil]}})) as peer:
            texts += [run("hello", peer=peer).out, run("reload", peer=peer).out, run("hello", "--json", peer=peer).out]
        with Peer(lambda request, send: [send(reply(request, progress={"text": evil})),
                                         send(reply(request, result={}))]) as peer:
            texts.append(run("reload", "-v", peer=peer).err)
        for text in texts:
            self.assertIn("?31m" if "\\u" not in text else "31m", text)
            for character in "\x1b\x07\r\u009b\x7f":
                self.assertNotIn(character, text)

    def test_reply_malformed_is_status_6_and_not_repeated(self):
        for packet in MALFORMED:
            with self.subTest(packet[:60]), Peer(says(packet)) as peer:
                result = run("reload", peer=peer)
                # An empty packet is how a closed connection looks.
                self.assert_status(result, PROTOCOL if packet else UNREACHABLE)
                self.assertNotIn("Traceback", result.err)
                self.assertEqual(result.out, "")

    def test_reply_malformed_with_token_not_repeated(self):
        for packet in (f'{{"id":1,"result":{{"token":"{TOKEN}"}}', f'{{"id":2,"result":{{"token":"{TOKEN}"}}}}', TOKEN):
            with Peer(says(packet.encode())) as peer:
                result = run("reload", "-v", peer=peer)
                self.assert_status(result, PROTOCOL)
                self.assertNotIn(TOKEN[:8], result.err + result.out)

    def test_reply_large_taken(self):
        pfs = [{"pf": "0000:01:00.0", "vfs": [], "filler": "x" * 150000}]
        with Peer(answers({"status": {"pfs": pfs}})) as peer:
            self.assertEqual(run("status", "--json", peer=peer).json(), {"pfs": pfs})

    def test_reply_of_megabytes_taken_and_of_more_refused(self):
        if os.geteuid() != 0:
            self.skipTest("only root may send packets so large")
        for size, status in ((1 << 20, OK), (3 << 20, PROTOCOL)):
            with Peer(answers({"status": {"pfs": [], "filler": "x" * size}})) as peer:
                self.assert_status(run("status", "--json", peer=peer), status)

    def test_result_unknown_members_ignored(self):
        with Peer(answers({"hello": {"program": "dpdk-sriovd", "new": [1]}})) as peer:
            self.assert_status(run("hello", peer=peer), OK)
        with Peer(lambda request, send: send(reply(request, result={}, more=1))) as peer:
            self.assert_status(run("hello", peer=peer), OK)

    def test_dry_run_plan_printed(self):
        with Peer(answers({"up": {"plan": ["bind 0000:01:00.0 to vfio-pci", "make 4 VFs"]}})) as peer:
            result = run("up", "01:00.0", "--vfs", "4", "-n", peer=peer)
            self.assertEqual(result.out, "would: bind 0000:01:00.0 to vfio-pci\nwould: make 4 VFs\n")
        with Peer(answers({"reload": {"plan": []}})) as peer:
            self.assertEqual(run("reload", "-n", peer=peer).out, "nothing to do\n")

    def test_result_summarised(self):
        vf = {"vf": "0000:01:10.0", "index": 0, "pf": "0000:01:00.0", "state": "granted"}
        pf = {"pf": "0000:01:00.0", "num_vfs": 4, "total_vfs": 7, "held": True, "vfs": [vf]}
        table = {"up": pf, "vf.grant": vf, "token.rotate": {}, "reload": {"changes": ["0000:01:00.0: 4 VFs, not 2"]}}
        with Peer(answers(table)) as peer:
            self.assertEqual(run("up", "01:00.0", "--vfs", 4, peer=peer).out,
                             "0000:01:00.0: 4 of 7 VFs, held by the daemon\n")
            self.assertEqual(run("vf", "grant", "01:10.0", "uid:1", peer=peer).out,
                             "0000:01:10.0: VF 0 of 0000:01:00.0, granted\n")
            self.assertEqual(run("token", "rotate", "01:00.0", peer=peer).out, "done\n")
            self.assertEqual(run("reload", peer=peer).out, "0000:01:00.0: 4 VFs, not 2\n")
            self.assertEqual(run("up", "01:00.0", "--vfs", 4, "--json", peer=peer).json(), pf)

    def test_rotate_by_index_resolved(self):
        pfs = [{"pf": "0000:01:00.0", "vfs": [{"vf": "0000:01:10.0", "index": 0}, {"vf": "0000:01:10.2", "index": 1}]}]
        with Peer(answers({"status": {"pfs": pfs}, "token.rotate": {}})) as peer:
            self.assert_status(run("token", "rotate", "01:00.0/1", "-n", peer=peer), OK)
            self.assertEqual(peer.requests[0], {"version": 1, "id": 1, "method": "status",
                                                "params": {"pf": "0000:01:00.0"}})
            self.assertEqual(peer.requests[1]["params"], {"device": "0000:01:10.2"})
            result = run("token", "rotate", "01:00.0/2", peer=peer)
            self.assert_status(result, FAILED)
            self.assertIn("0000:01:00.0/2: no such VF", result.err)


class Progress(Case):
    """What is shown while it waits."""

    @staticmethod
    def script(request, send):
        """Three reports, then the end."""
        for done in (1, 2, 3):
            send(reply(request, progress={"text": "0000:01:00.0: making VFs", "done": done, "total": 3}))
        send(reply(request, result={"pf": "0000:01:00.0", "num_vfs": 3, "total_vfs": 7, "held": True}))

    def test_progress_without_terminal_silent(self):
        with Peer(self.script) as peer:
            result = run("up", "01:00.0", "--vfs", 3, peer=peer)
        self.assert_status(result, OK)
        self.assertEqual(result.err, "")

    def test_progress_verbose_one_line_each(self):
        with Peer(self.script) as peer:
            result = run("up", "01:00.0", "--vfs", 3, "--verbose", peer=peer)
        self.assertEqual(result.err, "".join(f"0000:01:00.0: making VFs ({n} of 3)\n" for n in (1, 2, 3)))
        self.assertEqual(result.out, "0000:01:00.0: 3 of 7 VFs, held by the daemon\n")

    def test_progress_on_terminal_rewritten_and_removed(self):
        master, slave = pty.openpty()
        with Peer(self.script) as peer, subprocess.Popen(
                [PROGRAM, "--socket", peer.path, "up", "01:00.0", "--vfs", "3"], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=slave) as child:
            os.close(slave)
            out = child.communicate(timeout=20)[0]
            shown = b""
            while select.select([master], [], [], 1)[0]:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    break
                shown += piece
        os.close(master)
        self.assertEqual(out, b"0000:01:00.0: 3 of 7 VFs, held by the daemon\n")
        self.assertIn(b"\r\x1b[K0000:01:00.0: making VFs (3 of 3)", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)


class Daemons(Case):
    """Daemons that are not there, slow, or strange. Each wait ends."""

    def timed(self, *args, limit=4, **options):
        """A run, and that it did not last longer than it may."""
        start = time.monotonic()
        result = run(*args, **options)
        self.assertLess(time.monotonic() - start, limit)
        return result

    def test_daemon_silent_is_status_5(self):
        with Peer(sleeps) as peer:
            result = self.timed("reload", "-t", 1, peer=peer)
        self.assert_status(result, TIMEOUT)
        self.assertIn("no answer of the daemon within 1 s", result.err)
        self.assertIn("may still happen", result.err)

    def test_daemon_only_progress_is_status_5(self):
        def script(request, send):
            for _ in range(40):
                send(reply(request, progress={"text": "soon"}))
                time.sleep(0.1)
        with Peer(script) as peer:
            self.assert_status(self.timed("reload", "-t", 1, peer=peer), TIMEOUT)

    def test_daemon_not_accepting_is_status_5(self):
        with Peer(accept=False) as peer:
            # The kernel lets a few wait in the queue.
            waiting = []
            for _ in range(4):
                client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                client.setblocking(False)
                waiting.append(client)
                try:
                    client.connect(peer.path)
                except BlockingIOError:
                    break
            result = self.timed("reload", "-t", 1, peer=peer)
            for client in waiting:
                client.close()
        self.assert_status(result, TIMEOUT)
        self.assertIn("took no connection within 1 s", result.err)

    def test_daemon_closing_is_status_3(self):
        with Peer(closes) as peer:
            result = run("reload", peer=peer)
        self.assert_status(result, UNREACHABLE)
        self.assertIn("closed the connection without an answer", result.err)

    def test_daemon_closing_amid_progress_is_status_3(self):
        with Peer(lambda request, send: send(reply(request, progress={"text": "soon"}))) as peer:
            self.assert_status(run("reload", peer=peer), UNREACHABLE)

    def test_daemon_not_there_is_status_3(self):
        with tempfile.TemporaryDirectory() as directory:
            path = directory + "/control.sock"
            result = run("--socket", path, "hello")
            self.assert_status(result, UNREACHABLE)
            self.assertIn(path, result.err)
            self.assertIn("systemctl start dpdk-sriovd", result.err)
            # One that died and left its socket.
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as dead:
                dead.bind(path)
            result = run("--socket", path, "hello", "--json")
            self.assert_status(result, UNREACHABLE)
            self.assertEqual(result.json()["error"]["exit_status"], UNREACHABLE)

    def test_daemon_other_socket_is_status_3(self):
        with Peer(kind=socket.SOCK_STREAM) as peer:
            result = run("hello", peer=peer)
        self.assert_status(result, UNREACHABLE)
        self.assertIn("another program's socket", result.err)

    def test_daemon_not_permitted_is_status_3(self):
        if os.geteuid() != 0:
            self.skipTest("only root can run it as another user")
        with Peer() as peer:
            os.chmod(peer.directory.name, 0o755)
            os.chmod(peer.path, 0o600)
            with tempfile.TemporaryDirectory() as directory:
                # The build may lie where that user may not look.
                program = directory + "/dpdk-sriovctl"
                subprocess.run(["cp", PROGRAM, program], check=True)
                os.chmod(directory, 0o755)
                done = subprocess.run([program, "--socket", peer.path, "hello"], user=65534, capture_output=True,
                                      text=True, check=False, env={"LC_ALL": "C"})
        self.assertEqual(done.returncode, UNREACHABLE)
        self.assertIn("admin_group", done.stderr)

    def test_socket_path_too_long_refused(self):
        result = run("--socket", "/" + "x" * 120, "hello")
        self.assert_status(result, USAGE)
        self.assertIn("longer than the 107 bytes", result.err)

    def test_output_full_is_status_7(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        with Peer() as peer, open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, "--socket", peer.path, "hello", "--json"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, LOCAL)
        self.assertIn("cannot write the output", done.stderr)

    def test_request_ends_with_json_of_one_packet(self):
        with Peer() as peer:
            run("vf", "grant", "01:10.0", "user:j\u00f6rg", peer=peer, locale="C.UTF-8")
            self.assertEqual(len(peer.raw), 1)
            self.assertEqual(json.loads(peer.raw[0])["params"]["grant"], "user:j\u00f6rg")
