# SPDX-License-Identifier: BSD-3-Clause
"""Arguments: what is sent for them, and what is refused."""

from ctl import Case, OK, TOKEN, USAGE, run
from peer import Peer

# Arguments, and the method and parameters of the request that they make.
REQUESTS = [
    ("hello", "hello", {}),
    ("reload", "reload", {}),
    ("status --json", "status", {}),
    ("status 01:00.0 --json", "status", {"pf": "0000:01:00.0"}),
    ("up 0000:01:00.0 --vfs 4", "up", {"pf": "0000:01:00.0", "vfs": 4}),
    ("up --vfs=0 01:00.0", "up", {"pf": "0000:01:00.0", "vfs": 0}),
    ("up 01:00.0 --vfs 7 --token random", "up", {"pf": "0000:01:00.0", "vfs": 7, "token": "random"}),
    ("up 01:00.0 --vfs 7 --token file:/run/t", "up", {"pf": "0000:01:00.0", "vfs": 7, "token": "file:/run/t"}),
    ("down 01:00.0", "down", {"pf": "0000:01:00.0", "timeout_s": 60}),
    ("down 01:00.0 --force --release -t 5", "down",
     {"pf": "0000:01:00.0", "force": True, "release": True, "timeout_s": 5}),
    ("vf reset 10001:FE:1F.7", "vf.reset", {"vf": "10001:fe:1f.7"}),
    ("vf reset 0000:01:00.0/3", "vf.reset", {"pf": "0000:01:00.0", "vf": 3}),
    ("vf grant 01:10.0 uid:1001", "vf.grant", {"vf": "0000:01:10.0", "grant": "uid:1001"}),
    ("vf grant 01:10.0 unit:a@b.service --once --owner 1001:100", "vf.grant",
     {"vf": "0000:01:10.0", "grant": "unit:a@b.service", "once": True, "owner": "1001:100"}),
    ("vf grant 01:10.0 gid:0", "vf.grant", {"vf": "0000:01:10.0", "grant": "gid:0"}),
    ("vf grant 01:10.0 user:alice", "vf.grant", {"vf": "0000:01:10.0", "grant": "user:alice"}),
    ("vf grant 01:10.0 group:vms", "vf.grant", {"vf": "0000:01:10.0", "grant": "group:vms"}),
    ("vf revoke 01:10.0", "vf.revoke", {"vf": "0000:01:10.0", "timeout_s": 60}),
    ("vf revoke 01:10.0 uid:1001 --force -t 3600", "vf.revoke",
     {"vf": "0000:01:10.0", "grant": "uid:1001", "force": True, "timeout_s": 3600}),
    ("token rotate 01:00.0", "token.rotate", {"device": "0000:01:00.0"}),
    ("vf set 01:10.0 mac 02:00:00:00:0A:01", "vf.set",
     {"vf": "0000:01:10.0", "policy": {"mac": "02:00:00:00:0a:01"}}),
    ("vf set 01:10.0 vlan 100 qos 3 spoofchk on trust off", "vf.set",
     {"vf": "0000:01:10.0", "policy": {"vlan": 100, "qos": 3, "spoofchk": True, "trust": False}}),
    ("vf set 01:10.0 rate 500", "vf.set", {"vf": "0000:01:10.0", "policy": {"max_tx_rate": 500}}),
    ("vf set 01:10.0 max_tx_rate 0 state disable", "vf.set",
     {"vf": "0000:01:10.0", "policy": {"max_tx_rate": 0, "state": "disable"}}),
    ("vf set 01:10.0 vlans 1,4094", "vf.set", {"vf": "0000:01:10.0", "policy": {"vlans": [1, 4094]}}),
    ("vf set 01:10.0 vlans none", "vf.set", {"vf": "0000:01:10.0", "policy": {"vlans": []}}),
    ("vf set 01:10.0 vlan_spoofchk on broadcast off multicast_promisc on promisc off untagged on", "vf.set",
     {"vf": "0000:01:10.0", "policy": {"vlan_spoofchk": True, "broadcast": False, "multicast_promisc": True,
                                       "promisc": False, "untagged": True}}),
    ("vf set 01:10.0 mac 00:00:00:00:00:00 max_frame 0", "vf.set",
     {"vf": "0000:01:10.0", "policy": {"mac": "00:00:00:00:00:00", "max_frame": 0}}),
    ("vf set 01:10.0 max_frame 9728 strip auto", "vf.set",
     {"vf": "0000:01:10.0", "policy": {"max_frame": 9728, "strip": "auto"}}),
    ("vf set 01:00.0/0 vlan 0", "vf.set", {"pf": "0000:01:00.0", "vf": 0, "policy": {"vlan": 0}}),
    ("-v vf -v reset -v -- 01:10.0", "vf.reset", {"vf": "0000:01:10.0"}),
]

# Arguments that are refused, and a piece of the message.
REFUSED = [
    ("", "no command"),
    ("vf", "half a command"),
    ("stauts", "did you mean status"),
    ("vf sett 01:10.0", "did you mean vf set"),
    ("wibblewobble", "--help"),
    ("up", "PF is missing"),
    ("up 01:00.0", "--vfs N is missing"),
    ("up 01:00.0 --vfs", "--vfs needs a value"),
    ("up 01:00.0 --vfs -1", "number from 0 to 65535"),
    ("up 01:00.0 --vfs 65536", "number from 0 to 65535"),
    ("up 01:00.0 --vfs 0x4", "number from 0 to 65535"),
    ("up 01:00.0 --vfs 4 --vfs 5", "twice"),
    ("up 01:00.0 --vsf 4", "did you mean --vfs"),
    ("up 01:00.0 --force --vfs 4", "no option '--force'"),
    ("--vfs 4 up 01:00.0", "no option '--vfs' before the command"),
    ("up 1:0.0 --vfs 1", "not a PCI address"),
    ("up 0:01:00.0 --vfs 1", "not a PCI address"),
    ("up 01:20.0 --vfs 1", "not a PCI address"),
    ("up 01:00.8 --vfs 1", "not a PCI address"),
    ("up 01:00.0/1 --vfs 1", "names a VF"),
    ("up 01:00.0 02:00.0 --vfs 1", "one argument too many"),
    ("vf reset 01:00.0/", "no index"),
    ("vf reset 01:00.0/x", "no index"),
    ("vf reset 01:00.0/65536", "no index"),
    ("vf set 01:10.0", "nothing to set"),
    ("vf set 01:10.0 qos 3", "qos comes after vlan"),
    ("vf set 01:10.0 vlan", "vlan needs a value"),
    ("vf set 01:10.0 vlan 4095", "number from 0 to 4094"),
    ("vf set 01:10.0 vlan 1 vlan 2", "twice"),
    ("vf set 01:10.0 max_tx_rate 1 rate 2", "twice"),
    ("vf set 01:10.0 spoofcheck on", "did you mean spoofchk"),
    ("vf set 01:10.0 spoofchk yes", "on or off"),
    ("vf set 01:10.0 state up", "one of auto|enable|disable"),
    ("vf set 01:10.0 state auto|enable", "one of auto|enable|disable"),
    ("vf set 01:10.0 mac 01:00:00:00:00:01", "one port"),
    ("vf set 01:10.0 mac 02:00:00:00:00", "MAC address as"),
    ("vf set 01:10.0 mac 02:00:00:00:00:01:02", "MAC address as"),
    ("vf set 01:10.0 mac 02-00-00-00-00-01", "MAC address as"),
    ("vf set 01:10.0 vlans 1,", "list of VLAN IDs"),
    ("vf set 01:10.0 vlans 0", "list of VLAN IDs"),
    ("vf set 01:10.0 vlans 1,,2", "list of VLAN IDs"),
    ("vf grant 01:10.0", "GRANT is missing"),
    ("vf grant 01:10.0 1001", "uid:N"),
    ("vf grant 01:10.0 uid:alice", "uid:N"),
    ("vf grant 01:10.0 uid:-1", "uid:N"),
    ("vf grant 01:10.0 uid:4294967295", "uid:N"),
    ("vf grant 01:10.0 user:", "uid:N"),
    ("vf grant 01:10.0 uid:1 --owner 1", "UID:GID"),
    ("vf grant 01:10.0 uid:1 --owner a:b", "UID:GID"),
    ("vf grant 01:10.0 uid:1 --once=yes", "takes no value"),
    ("status --dry-run", "changes nothing"),
    ("status --interval 3", "go with --watch"),
    ("status --watch --interval 0", "number from 1"),
    ("show 01:10.0", "--for CONSUMER is missing"),
    ("show 01:10.0 --for vpp", "one of dpdk|qemu|libvirt|cdi|k8s"),
    ("show 01:10.0 --for dpdk --json", "no --json"),
    ("completion fish", "one of bash|zsh"),
    ("help frobnicate", "no command 'frobnicate'"),
    ("--timeout 0 hello", "number from 1"),
    ("--timeout 3601 hello", "number from 1 to 3600"),
    ("hello --socket x", "twice"),
    ("hello --sockte x", "did you mean --socket"),
]


class Arguments(Case):
    """The table, seen from outside."""

    def test_arguments_valid_sent_as_protocol_has_it(self):
        for text, method, params in REQUESTS:
            with self.subTest(text), Peer() as peer:
                result = run(*text.split(), peer=peer)
                self.assert_status(result, OK)
                self.assertEqual(peer.requests, [{"version": 1, "id": 1, "method": method, "params": params}])

    def test_arguments_dry_run_sent(self):
        for text, method, params in REQUESTS:
            if method in ("hello", "status"):
                continue
            with self.subTest(text), Peer() as peer:
                self.assert_status(run("-n", *text.split(), peer=peer), OK)
                self.assertEqual(peer.requests, [{"version": 1, "id": 1, "method": method, "params": params,
                                                  "dry_run": True}])

    def test_arguments_wrong_refused_and_nothing_sent(self):
        for text, message in REFUSED:
            with self.subTest(text), Peer() as peer:
                result = run(*text.split(" ") if text else [], peer=peer)
                self.assert_status(result, USAGE)
                self.assertIn(message, result.err)
                self.assertEqual(peer.requests, [])
                self.assertEqual(result.out == "", "--json" not in text)

    def test_arguments_empty_socket_refused(self):
        result = run("--socket=", "hello")
        self.assert_status(result, USAGE)
        self.assertIn("not a path", result.err)

    def test_arguments_token_on_command_line_refused_and_not_repeated(self):
        with Peer() as peer:
            result = run("up", "01:00.0", "--vfs", "1", "--token", TOKEN, peer=peer)
            self.assert_status(result, USAGE)
            self.assertEqual(peer.requests, [])
            self.assertNotIn(TOKEN[:8], result.err)
            self.assertIn("put the token into a file", result.err)

    def test_arguments_not_utf8_refused(self):
        with Peer() as peer:
            result = run(b"vf".decode(), "grant", "01:10.0", "user:\udcff", peer=peer)
            self.assert_status(result, USAGE)
            self.assertEqual(peer.requests, [])

    def test_help_each_command_names_its_arguments(self):
        lines = run("help", "--all").out.splitlines()
        self.assertGreater(len(lines), 12)
        for line in lines:
            words = [word for word in line.split() if word.islower() and word.isalpha()]
            name = words[:2] if words[0] in ("vf", "token") else words[:1]
            for form in (["help", *name], [*name, "--help"]):
                result = run(*form)
                self.assert_status(result, OK)
                self.assertTrue(result.out.startswith("usage: dpdk-sriovctl [OPTION...] " + line + "\n"), result.out)

    def test_version_printed(self):
        result = run("--version")
        self.assert_status(result, OK)
        self.assertRegex(result.out, r"^dpdk-sriovctl \d+\.\d+\.\d+\n$")
