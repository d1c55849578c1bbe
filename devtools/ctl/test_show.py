# SPDX-License-Identifier: BSD-3-Clause
"""show: what is printed, that tokens are in it only when they shall, and that the consumers take it."""

import copy
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import xml.etree.ElementTree as ET

from ctl import Case, FAILED, LOCAL, OK, PROTOCOL, TOKEN, UNREACHABLE, USAGE, load, run
from peer import Peer, answers, reply

try:
    import jsonschema
except ImportError:
    jsonschema = None

HERE = os.path.dirname(os.path.abspath(__file__))
CONSUMERS = ("dpdk", "qemu", "libvirt", "cdi", "k8s")
SOCKET = "/run/dpdk/sriov/vf/0000:01:10.0/token.sock"
QEMU_NS = "http://libvirt.org/schemas/domain/qemu/1.0"


def token_of(request):
    """A token for each VF, so that a mix-up shows."""
    return {"token": TOKEN[:-4] + request["params"]["device"][-4:].replace(".", "").replace(":", "").rjust(4, "0")}


def daemon(**more):
    """A daemon with the recorded status. Its admin may have tokens."""
    return answers({"status": load("status.json"), "hello": {"token_socket": "/run/dpdk/sriov/token.sock"},
                    "token.get": token_of, **more})


TOKENS = {"0000:01:10.0": token_of({"params": {"device": "0000:01:10.0"}})["token"],
          "0000:01:10.2": token_of({"params": {"device": "0000:01:10.2"}})["token"]}


class ShowCase(Case):
    """Against the daemon above."""

    def show(self, *args, status=OK, peer=None):
        """Run it."""
        if peer is None:
            with Peer(daemon()) as usual:
                return self.show(*args, status=status, peer=usual)
        result = run("show", *args, peer=peer)
        self.assert_status(result, status)
        return result


class Show(ShowCase):
    """What is printed."""

    def test_show_token_only_with_reveal(self):
        for consumer in CONSUMERS:
            for device in ("0000:01:10.0", "0000:01:00.0"):
                with Peer(daemon()) as peer:
                    hidden = self.show(device, "--for", consumer, peer=peer)
                    # Not even asked for.
                    self.assertNotIn("token.get", [request["method"] for request in peer.requests])
                    shown = self.show(device, "--for", consumer, "--reveal", peer=peer)
                self.assertNotIn(TOKEN[:23], hidden.out + hidden.err, consumer)
                self.assertIn(TOKENS["0000:01:10.0"], shown.out, consumer)
                self.assertNotIn(TOKEN[:23], shown.err, consumer)
                if device == "0000:01:00.0":
                    self.assertIn(TOKENS["0000:01:10.2"], shown.out, consumer)

    def test_show_reveal_refused_by_daemon_is_status_1(self):
        def script(request, send):
            if request["method"] == "token.get":
                send(reply(request, error={"errno": "EACCES", "message": "not an administrator"}))
            else:
                daemon()(request, send)
        for consumer in CONSUMERS:
            with Peer(script) as peer:
                result = self.show("01:10.0", "--for", consumer, "--reveal", peer=peer, status=FAILED)
            self.assertEqual(result.out, "")
            self.assertIn("not an administrator", result.err)

    def test_show_bad_token_of_daemon_not_printed(self):
        for bad in ("", "x", TOKEN + "0", TOKEN[:-1] + "'", TOKEN.replace("-", "'"), 5, None):
            with Peer(daemon(**{"token.get": {"token": bad}})) as peer:
                result = self.show("01:10.0", "--for", "libvirt", "--reveal", peer=peer, status=PROTOCOL)
            self.assertEqual(result.out, "")

    def test_show_bad_socket_path_not_printed(self):
        status = load("status.json")
        for bad in ("/a b", "/a'b", '/a"b', "/a,b", "relative", "/a\nb", "/" + "x" * 300, ""):
            status["pfs"][0]["vfs"][0]["socket"] = bad
            with Peer(daemon(status=status)) as peer:
                result = self.show("01:10.0", "--for", "dpdk", peer=peer, status=FAILED)
            self.assertEqual(result.out, "")
            self.assertIn("not fit for a configuration", result.err)

    def test_show_unknown_device_refused(self):
        result = self.show("0000:09:00.0", "--for", "dpdk", status=FAILED)
        self.assertIn("neither a PF", result.err)
        status = load("status.json")
        for held, message in ((True, "has no VFs"), (False, "not the daemon's")):
            status["pfs"][1]["held"] = held
            with Peer(daemon(status=status)) as peer:
                result = self.show("0000:02:00.0", "--for", "dpdk", peer=peer, status=FAILED)
            self.assertIn(message, result.err)
            self.assertIn("up 0000:02:00.0 --vfs N", result.err)

    def test_show_vf_by_index_found(self):
        self.assertIn("-a 0000:01:10.2 ", self.show("01:00.0/1", "--for", "dpdk").out)
        self.assertIn("no such VF", self.show("01:00.0/9", "--for", "dpdk", status=FAILED).err)

    def test_show_common_socket_beside_control_socket_by_default(self):
        with Peer(daemon(hello={})) as peer:
            result = self.show("01:10.2", "--for", "dpdk", peer=peer)
            self.assertIn(f"=unix:{peer.directory.name}/token.sock\n", result.out)

    def test_show_ungranted_vf_noted(self):
        self.assertIn("granted to nobody", self.show("01:10.4", "--for", "dpdk").err)
        self.assertEqual(self.show("01:10.0", "--for", "dpdk").err, "")

    def test_show_options_of_other_consumers_refused(self):
        self.assertIn("for libvirt", self.show("01:10.0", "--for", "qemu", "--proposed", status=USAGE).err)
        for consumer in ("cdi", "k8s"):
            self.assertIn("no token to write",
                          self.show("01:10.0", "--for", consumer, "--write", "x", status=USAGE).err)
        self.assertIn("one of them", self.show("01:10.0", "--for", "qemu", "--write", "x", "--reveal",
                                               status=USAGE).err)

    def test_show_daemon_gone_is_status_3(self):
        self.assert_status(run("--socket", "/nonexistent", "show", "01:10.0", "--for", "cdi"), UNREACHABLE)

    def test_write_mode_0600_and_replaced_at_once(self):
        with tempfile.TemporaryDirectory() as directory:
            path = directory + "/token"
            os.symlink("/dev/null", path)
            for _ in range(2):
                result = self.show("01:10.0", "--for", "dpdk", "--write", path)
                self.assertNotIn(TOKEN[:23], result.out + result.err)
                self.assertIn(f"=file:{path}\n", result.out)
                found = os.lstat(path)
                self.assertTrue(stat.S_ISREG(found.st_mode))
                self.assertEqual(stat.S_IMODE(found.st_mode), 0o600)
                with open(path, encoding="ascii") as file:
                    self.assertEqual(file.read(), f"0000:01:10.0 {TOKENS['0000:01:10.0']}\n")
                # With another's mode, it is not kept.
                os.chmod(path, 0o666)
            self.assertEqual(os.listdir(directory), ["token"])

    def test_write_failing_is_status_7_and_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            os.mkdir(directory + "/taken")
            for path in (directory + "/none/token", directory + "/taken"):
                result = self.show("01:10.0", "--for", "dpdk", "--write", path, status=LOCAL)
                self.assertEqual(result.out, "")
            self.assertEqual(os.listdir(directory), ["taken"])


class Dpdk(ShowCase):
    """EAL arguments."""

    def eal(self, line, *more):
        """Run dpdk-test with the arguments, up to the end of rte_eal_init()."""
        program = os.environ.get("DPDK_TEST", "")
        if not os.access(program, os.X_OK):
            self.skipTest("dpdk-test is not built")
        command = [program, "--no-huge", "-m", "64", "-l", "0", "--file-prefix", f"ctl-{os.getpid()}", "--no-telemetry"]
        return subprocess.run(command + shlex.split(line) + list(more), input="quit\n", capture_output=True, text=True,
                              timeout=120, check=False)

    def test_dpdk_arguments_printed(self):
        self.assertEqual(self.show("01:10.0", "--for", "dpdk").out,
                         f"-a 0000:01:10.0 --vfio-vf-token=0000:01:10.0=unix:{SOCKET}\n")
        lines = self.show("01:00.0", "--for", "dpdk").out.splitlines()
        self.assertEqual(len(lines), 7)
        self.assertEqual(lines[1], "-a 0000:01:10.2 --vfio-vf-token=0000:01:10.2=unix:/run/dpdk/sriov/token.sock")

    def test_dpdk_arguments_taken_by_dpdk_test(self):
        # The device is not here, which is the first thing that it has to say once all options are understood.
        missing = "option 1 .*: there is no PCI device 0000:01:10.0"
        with tempfile.TemporaryDirectory() as directory:
            for options in ([], ["--reveal"], ["--write", directory + "/token"]):
                for device in ("01:10.0", "01:00.0"):
                    line = " ".join(self.show(device, "--for", "dpdk", *options).out.splitlines())
                    done = self.eal(line)
                    self.assertRegex(done.stderr, missing)
                    self.assertNotIn(TOKEN[:23], done.stderr + done.stdout)
            # With a mistake it is another.
            for right, wrong in (("file:", "fyle:"), ("--vfio-vf-token", "--vfio-vf-tokem"), ("=0000:01:10.0=", "=0000:01:10=")):
                self.assertNotRegex(self.eal(line.replace(right, wrong)).stderr, missing)


class Qemu(ShowCase):
    """QEMU's -device and -readconfig."""

    MISSING = "no such host device|No such file or directory|could not open .*vfio"

    def qemu(self, *args):
        """What QEMU says to the arguments. It has no such device here; what matters is why it ends."""
        command = shlex.split(os.environ.get("QEMU_COMMAND", ""))
        if not command:
            self.skipTest("no QEMU")
        done = subprocess.run([*command, "-machine", "q35,accel=tcg", "-nodefaults", "-display", "none", "-S", *args],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    def test_qemu_refers_to_file(self):
        result = self.show("01:10.0", "--for", "qemu")
        self.assertEqual(result.out, "-readconfig /run/qemu-vf-0000:01:10.0.cfg\n")
        self.assertIn("--write /run/qemu-vf-0000:01:10.0.cfg", result.err)

    def test_qemu_device_line_accepted(self):
        line = self.show("01:10.0", "--for", "qemu", "--reveal").out
        self.assertEqual(line, f"-device vfio-pci,host=0000:01:10.0,vf-token={TOKENS['0000:01:10.0']}\n")
        self.assertRegex(self.qemu(*line.split()), self.MISSING)
        # What it does not accept, it tells apart.
        self.assertRegex(self.qemu(*line.replace("vf-token", "vf-tokem").split()), "vf-tokem' not found")
        self.assertNotRegex(self.qemu(*line.replace(TOKEN[:8], "xyz").split()), self.MISSING)

    def test_qemu_readconfig_accepted(self):
        with tempfile.TemporaryDirectory() as directory:
            path = directory + "/vf.cfg"
            line = self.show("01:10.0", "--for", "qemu", "--write", path).out
            self.assertEqual(line, f"-readconfig {path}\n")
            with open(path, encoding="ascii") as file:
                text = file.read()
            self.assertIn(f'vf-token = "{TOKENS["0000:01:10.0"]}"', text)
            self.assertRegex(self.qemu(*line.split()), self.MISSING)
            for right, wrong, message in (("vf-token", "vf-tokem", "vf-tokem' not found"),
                                          (TOKEN[:8], "xyz", "vf-token"), ("[device", "[devise", "devise")):
                with open(path, "w", encoding="ascii") as file:
                    file.write(text.replace(right, wrong))
                said = self.qemu(*line.split())
                self.assertRegex(said, message)
                self.assertNotRegex(said, self.MISSING)

    def test_qemu_readconfig_of_pf_has_each_vf(self):
        with tempfile.TemporaryDirectory() as directory:
            self.show("01:00.0", "--for", "qemu", "--write", directory + "/vfs.cfg")
            with open(directory + "/vfs.cfg", encoding="ascii") as file:
                text = file.read()
        self.assertEqual(re.findall(r'^\[device "(.*)"\]$', text, re.M)[:2], ["vf_0000_01_10_0", "vf_0000_01_10_2"])
        self.assertEqual(text.count('driver = "vfio-pci"'), 7)


class Libvirt(ShowCase):
    """libvirt's XML."""

    def complete(self, text):
        """The whole of a domain: what a user would merge it into."""
        return text.replace("<devices>", "<name>x</name><memory>1</memory><os><type>hvm</type></os><devices>")

    def validate(self, text):
        """Does virt-xml-validate take it, and what does it say?"""
        if not shutil.which("virt-xml-validate"):
            self.skipTest("virt-xml-validate (libvirt-clients) is not installed")
        with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            done = subprocess.run(["virt-xml-validate", file.name, "domain"], capture_output=True, text=True,
                                  check=False)
        return done.returncode == 0, done.stdout + done.stderr

    def test_libvirt_validates(self):
        for device in ("01:10.0", "01:00.0"):
            for options in ([], ["--reveal"]):
                text = self.show(device, "--for", "libvirt", *options).out
                valid, said = self.validate(self.complete(text))
                self.assertTrue(valid, said)
        self.assertFalse(self.validate(self.complete(text.replace("qemu:property", "qemu:proper")))[0])

    def test_libvirt_override_refers_to_hostdev(self):
        root = ET.fromstring(self.show("01:00.0", "--for", "libvirt", "--reveal").out)
        aliases = [alias.get("name") for alias in root.findall("devices/hostdev/alias")]
        devices = root.findall(f"{{{QEMU_NS}}}override/{{{QEMU_NS}}}device")
        self.assertEqual([device.get("alias") for device in devices], aliases)
        self.assertEqual(len(aliases), 7)
        tokens = [device.find(f"{{{QEMU_NS}}}frontend/{{{QEMU_NS}}}property").get("value") for device in devices]
        self.assertEqual(tokens[:2], [TOKENS["0000:01:10.0"], TOKENS["0000:01:10.2"]])
        address = root.find("devices/hostdev/source/address")
        self.assertEqual(address.attrib, {"domain": "0x0000", "bus": "0x01", "slot": "0x10", "function": "0x0"})

    def test_libvirt_proposed_is_valid_but_for_its_element(self):
        result = self.show("01:10.0", "--for", "libvirt", "--proposed", "--reveal")
        element = f"        <vf-token uuid='{TOKENS['0000:01:10.0']}'/>\n"
        self.assertIn("      <source>\n        <address", result.out)
        self.assertIn(element, result.out)
        self.assertNotIn("qemu:", result.out)
        self.assertIn("no release of libvirt", result.err)
        self.assertTrue(self.validate(self.complete(result.out.replace(element, "")))[0])
        self.assertFalse(self.validate(self.complete(result.out))[0])

    def test_libvirt_written_file_has_token(self):
        with tempfile.TemporaryDirectory() as directory:
            result = self.show("01:10.0", "--for", "libvirt", "--write", directory + "/vf.xml")
            with open(directory + "/vf.xml", encoding="utf-8") as file:
                text = file.read()
        self.assertEqual(text, result.out.replace("value='TOKEN'", f"value='{TOKENS['0000:01:10.0']}'"))
        self.assertNotEqual(text, result.out)


class Containers(ShowCase):
    """CDI and the device plugin."""

    def check_schema(self, name, value):
        """It is valid, and a change that makes it invalid is found."""
        if jsonschema is None:
            self.skipTest("python3-jsonschema is not installed")
        with open(os.path.join(HERE, "schema", name), encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.validate(value, schema)
        wrong = copy.deepcopy(value)
        wrong["more"] = 1
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)

    def test_cdi_spec_valid(self):
        for device in ("01:10.0", "01:00.0"):
            for options in ([], ["--reveal"]):
                self.check_schema("cdi.json", self.show(device, "--for", "cdi", *options).json())

    def test_cdi_spec_has_nodes_socket_and_owner(self):
        spec = self.show("01:10.0", "--for", "cdi").json()
        self.assertEqual(spec["kind"], "dpdk-sriov/vf")
        self.assertEqual(spec["containerEdits"]["deviceNodes"][0]["path"], "/dev/vfio/vfio")
        self.assertEqual(spec["devices"], [{
            "name": "0000_01_10_0",
            "containerEdits": {
                "env": [f"DPDK_SRIOV_VF_0000_01_10_0=unix:{SOCKET}"],
                "deviceNodes": [{"path": "/dev/vfio/20", "type": "c", "permissions": "rw", "uid": 1001, "gid": 1001,
                                 "fileMode": 0o600}],
                "mounts": [{"hostPath": os.path.dirname(SOCKET), "containerPath": os.path.dirname(SOCKET),
                            "options": ["bind", "ro", "nosuid", "nodev", "noexec"]}]}}])

    def test_cdi_cdev_is_a_node(self):
        status = load("status.json")
        status["pfs"][0]["vfs"][0]["cdev"] = "/dev/vfio/devices/vfio3"
        with Peer(daemon(status=status)) as peer:
            spec = self.show("01:10.0", "--for", "cdi", peer=peer).json()
        self.assertEqual([node["path"] for node in spec["devices"][0]["containerEdits"]["deviceNodes"]],
                         ["/dev/vfio/20", "/dev/vfio/devices/vfio3"])
        self.check_schema("cdi.json", spec)

    def test_cdi_socket_in_shared_directory_mounted_alone(self):
        status = load("status.json")
        for other in ("/run/dpdk/sriov/vf/0000:01:10.0/other.sock", "/run/dpdk/sriov/vf/other.sock"):
            status["pfs"][0]["vfs"][4]["socket"] = other
            with Peer(daemon(status=status)) as peer:
                result = self.show("01:10.0", "--for", "cdi", peer=peer)
            mount = result.json()["devices"][0]["containerEdits"]["mounts"][0]
            alone = os.path.dirname(other) != os.path.dirname(SOCKET)
            self.assertEqual(mount["hostPath"], os.path.dirname(SOCKET) if alone else SOCKET)
            self.assertEqual("makes it anew" in result.err, not alone)
        status["pfs"][0]["vfs"][0]["socket"] = "/run/dpdk/sriov/vf0.sock"
        with Peer(daemon(status=status)) as peer:
            mount = self.show("01:10.0", "--for", "cdi", peer=peer).json()["devices"][0]["containerEdits"]["mounts"][0]
        self.assertEqual(mount["hostPath"], "/run/dpdk/sriov/vf0.sock")

    def test_cdi_shared_socket_noted(self):
        self.assertIn("without a socket of its own", self.show("01:10.2", "--for", "cdi").err)
        self.assertEqual(self.show("01:10.0", "--for", "cdi").err, "")

    def test_cdi_reveal_needs_no_socket(self):
        edits = self.show("01:10.0", "--for", "cdi", "--reveal").json()["devices"][0]["containerEdits"]
        self.assertNotIn("mounts", edits)
        self.assertEqual(edits["env"], [f"DPDK_SRIOV_VF_0000_01_10_0={TOKENS['0000:01:10.0']}"])

    def test_k8s_config_valid(self):
        for device in ("01:10.0", "01:00.0"):
            for options in ([], ["--reveal"]):
                self.check_schema("device-plugin.json", self.show(device, "--for", "k8s", *options).json())

    def test_k8s_config_selects_and_informs(self):
        self.assertEqual(self.show("01:10.0", "--for", "k8s").json(), {"resourceList": [{
            "resourceName": "vf_0000_01_10_0", "deviceType": "netDevice",
            "selectors": [{"vendors": ["8086"], "drivers": ["vfio-pci"], "pciAddresses": ["0000:01:10.0"]}],
            "additionalInfo": {"0000:01:10.0": {"vf-token": f"unix:{SOCKET}"}}}]})
        resource = self.show("01:00.0", "--for", "k8s").json()["resourceList"][0]
        self.assertEqual(resource["resourceName"], "pf_0000_01_00_0")
        self.assertEqual(resource["selectors"], [{"vendors": ["8086"], "drivers": ["vfio-pci"],
                                                  "rootDevices": ["0000:01:00.0"]}])
        self.assertEqual(len(resource["additionalInfo"]), 7)
