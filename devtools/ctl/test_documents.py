# SPDX-License-Identifier: BSD-3-Clause
"""What is made from the table of commands, or must agree with it: completion, man page, guides."""

import os
import re
import shutil
import subprocess
import tempfile
import textwrap

from ctl import Case, OK, PROGRAM, TOKEN, TOP, USAGE, load, run
from peer import Peer, answers, reply

MAN = os.path.join(TOP, "doc/man/dpdk-sriovctl.8")
COMPLETION = os.path.join(TOP, "app/sriovctl/completion.bash")


def spaces(text):
    """The text with each run of blanks as one."""
    return re.sub(r"\s+", " ", text)


class Completion(Case):
    """Completion in bash and zsh."""

    def words(self, line):
        """What bash offers for a line that is typed up to its end."""
        script = ('. "$0"; COMP_WORDBREAKS=$\' \\t\\n"\\\'><=;|&(:\'; COMP_LINE=$1; COMP_POINT=${#1}; '
                  '_dpdk_sriovctl; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, COMPLETION, line], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_completion_file_is_what_program_prints(self):
        with open(COMPLETION, encoding="utf-8") as file:
            self.assertEqual(run("completion", "bash").out, file.read(),
                             "renew it: dpdk-sriovctl completion bash >app/sriovctl/completion.bash")

    def test_completion_commands_and_words_offered(self):
        usages = run("help", "--all").out.splitlines()
        first = {usage.split()[0] for usage in usages}
        self.assertEqual(set(self.words("dpdk-sriovctl ")), first)
        for line, expected in (
                ("dpdk-sriovctl sta", ["status"]),
                ("dpdk-sriovctl vf ", ["set", "grant", "revoke", "reset"]),
                ("dpdk-sriovctl token ", ["rotate"]),
                ("dpdk-sriovctl vf set 01:10.0 spoof", ["spoofchk"]),
                ("dpdk-sriovctl vf set 01:10.0 spoofchk ", ["on", "off"]),
                ("dpdk-sriovctl vf set 01:10.0 spoofchk on state ", ["auto", "enable", "disable"]),
                ("dpdk-sriovctl vf grant 01:10.0 u", ["uid", "user", "unit"]),
                ("dpdk-sriovctl show 01:10.0 --for ", ["dpdk", "qemu", "libvirt", "cdi", "k8s"]),
                ("dpdk-sriovctl show 01:10.0 --for cdi --re", ["--reveal"]),
                ("dpdk-sriovctl up 01:00.0 --vfs ", []),
                ("dpdk-sriovctl up 01:00.0 --vfs 3 --t", ["--token", "--timeout"]),
                ("dpdk-sriovctl up 01:00.0 --token ra", ["random"]),
                ("dpdk-sriovctl -j -s /x st", ["status"]),
                ("dpdk-sriovctl completion ", ["bash", "zsh"]),
                ("dpdk-sriovctl --socket /etc/passw", ["/etc/passwd"])):
            with self.subTest(line):
                offered = self.words(line)
                self.assertEqual([word.rstrip(":") for word in offered if not word.endswith("-")], expected)

    def test_completion_options_all_offered(self):
        for usage in run("help", "--all").out.splitlines():
            name = re.match(r"[a-z]+( [a-z]+\b)?(?![^ ])", usage).group() if usage.split()[0] in ("vf", "token") \
                else usage.split()[0]
            for option in re.findall(r"--[a-z-]+", usage):
                self.assertIn(option, self.words(f"dpdk-sriovctl {name} --"))

    def test_completion_address_with_colons_completed(self):
        # Nothing but the part after the last colon is bash's word.
        with tempfile.TemporaryDirectory() as directory:
            script = ('. "$0"; _dpdk_sriovctl_functions() { echo 0000:01:10.0; echo 0000:01:10.2; echo 0000:02:10.0; }; '
                      'COMP_WORDBREAKS=": "; COMP_LINE="dpdk-sriovctl vf reset 0000:01:1"; COMP_POINT=${#COMP_LINE}; '
                      '_dpdk_sriovctl; printf "%s\\n" "${COMPREPLY[@]}"')
            done = subprocess.run(["bash", "-c", script, COMPLETION], capture_output=True, text=True, check=True,
                                  cwd=directory)
        self.assertEqual(done.stdout.split(), ["10.0", "10.2"])

    def test_completion_zsh_offers_the_same(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed")
        script = ('eval "$("$1" completion zsh)"; compadd() { print -l -- ${(P)2}; }; '
                  'words=("$1" vf set 01:10.0 state ""); CURRENT=6; _dpdk_sriovctl')
        done = subprocess.run(["zsh", "-f", "-c", script, "zsh", PROGRAM], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout.split(), ["auto", "enable", "disable"])


# Changes to a manifest, and a piece of what is said of it.
MISTAKES = [
    ("sriovd.yaml", "hostPID: true", "hostPid: true", "hostPid"),
    ("sriovd.yaml", "      app: dpdk-sriovd\n  updateStrategy", "      app: sriovd\n  updateStrategy", "selector's app"),
    ("sriovd.yaml", "            name: dpdk-sriovd\n        - name: run", "            name: other\n        - name: run",
     "no ConfigMap other"),
    ("sriovd.yaml", "            - name: vfio\n", "            - name: vfoi\n", "mounts vfoi"),
    ("sriovd.yaml", "apps/v1", "apps/v1beta1", "object 3"),
    ("sriovd.yaml", "memory: 128Mi", "memory: 128M i", "128M i"),
    ("sriovd.yaml", "  name: dpdk-sriov\n", "  name: dpdk-sriov\n  name: x\n", "twice"),
    ("sriovd.yaml", "kind: Namespace", "kind: [", "line"),
    ("device-plugin.yaml", '"vendors": ["8086"]', '"vendors": ["0x8086"]', "0x8086"),
    ("device-plugin.yaml", '"tenant_a"', '"tenant-a"', "tenant-a"),
    ("device-plugin.yaml", '"selectors": [', '"selectors": [,', "config.json"),
    ("tenant-pool.yaml", 'dpdk-sriov/tenant_a: "1"\n        limits', 'dpdk-sriov/tenant_a: "2"\n        limits', "differ"),
    ("tenant-vf.yaml", "runAsUser: 1002", "runAsUser: bob", "bob"),
]


class Manifests(Case):
    """devtools/ctl/manifests.py, which devtools/check.sh runs."""

    def check(self, *names):
        """What it says."""
        try:
            import jsonschema, yaml  # pylint: disable=import-outside-toplevel,multiple-imports,unused-import
        except ImportError as error:
            self.skipTest(str(error))
        return subprocess.run(["/usr/bin/python3", os.path.join(TOP, "devtools/ctl/manifests.py"), *names],
                              capture_output=True, text=True, check=True).stdout

    def test_manifests_mistakes_found(self):
        with tempfile.TemporaryDirectory() as directory:
            for name, right, wrong, message in MISTAKES:
                with self.subTest(f"{name}: {wrong}"), open(os.path.join(TOP, "doc/k8s", name), encoding="utf-8") as file:
                    text = file.read()
                    self.assertIn(right, text)
                    path = os.path.join(directory, name)
                    with open(path, "w", encoding="utf-8") as changed:
                        changed.write(text.replace(right, wrong, 1))
                    self.assertIn(message, self.check(path))

    def test_manifests_agree_with_show(self):
        # The names that the program makes are those that the manifests use.
        with Peer(answers({"status": load("status.json"), "hello": {}})) as peer:
            spec = run("show", "0000:01:00.0/3", "--for", "cdi", peer=peer).json()
        with open(os.path.join(TOP, "doc/k8s/tenant-vf.yaml"), encoding="utf-8") as file:
            text = file.read()
        device = spec["devices"][0]
        self.assertIn(f": {spec['kind']}={device['name']}\n", text)
        self.assertIn(f'"${device["containerEdits"]["env"][0].split("=")[0]}"', text)
        self.assertEqual(self.check(os.path.join(TOP, "doc/k8s/tenant-vf.yaml")), "")


class Configurations(Case):
    """Configurations of the daemon in guides and manifests."""

    def check(self, text):
        """dpdk-sriovd --check."""
        program = os.environ.get("DPDK_SRIOVD", "")
        if not os.access(program, os.X_OK):
            self.skipTest("dpdk-sriovd is not built")
        with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            return subprocess.run([program, "--config", file.name, "--check"], capture_output=True, text=True, check=False)

    def check_both(self, text):
        """It is right, and a mistake in it is found."""
        done = self.check(text)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.check(text.replace("vfs = ", "vsf = "))
        self.assertNotEqual(done.returncode, 0)

    def test_configuration_in_manifest_valid(self):
        with open(os.path.join(TOP, "doc/k8s/sriovd.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.check_both(textwrap.dedent(text.split("  sriovd.conf: |\n")[1].split("\n---")[0]))

    def test_configuration_in_guide_valid(self):
        with open(os.path.join(TOP, "doc/guides/operator.rst"), encoding="utf-8") as file:
            text = file.read()
        block = re.search(r"\.\. code-block:: ini\n\n((?:   .*\n|\n)+)", text).group(1)
        # The guide makes that group.
        self.check_both(textwrap.dedent(block).replace("dpdk-admin", "root"))


class Documents(Case):
    """Man page and guides against the program."""

    def man(self):
        """The man page as its reader sees it."""
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        text = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=200", MAN], capture_output=True, text=True,
                              check=True).stdout
        return re.sub(".\b", "", text)

    def test_man_synopsis_has_each_command(self):
        synopsis = spaces(self.man().split("DESCRIPTION")[0]).replace("VALUE ...", "VALUE...")
        usages = run("help", "--all").out.splitlines()
        for usage in usages:
            self.assertRegex(synopsis, r"dpdk-sriovctl (\[option \.\.\.\] )?" + re.escape(usage) + " ?(dpdk-sriovctl|$)")
        self.assertEqual(synopsis.count("dpdk-sriovctl ") - 1, len(usages))

    def test_man_has_each_option_keyword_and_status(self):
        text = spaces(self.man())
        overview = run("--help").out
        for option in re.findall(r"--[a-z-]+", overview + run("help", "--all").out):
            self.assertIn(option, text)
        keywords = run("help", "vf", "set").out.split("keywords:")[1].split("options")[0]
        for keyword in re.findall(r"(?m)^  ([a-z_]+)", keywords):
            self.assertRegex(text, rf"\b{keyword}\b")
        for status, meaning in re.findall(r"(?m)^  (\d) +(.*(?:\n {20,}.*)*)", overview):
            self.assertIn(f"{status} {spaces(meaning)}", text)

    def examples(self, name):
        """The program's command lines in a document."""
        with open(os.path.join(TOP, name), encoding="utf-8") as file:
            text = file.read().replace("\\\n", " ")
        found = re.findall(r"(?m)^(?:   +|\.Dl |)(?:[$#] )?(?:sudo )?dpdk-sriovctl ([a-z-][^|>&#\n]*)", text)
        return [line.strip() for line in found if "``" not in line and not line.startswith(("is ", "asks "))]

    def test_documents_examples_are_valid(self):
        vf = {"vf": "0000:01:10.0", "index": 0, "pf": "0000:01:00.0", "state": "free"}
        answer = answers({"status": load("status.json"), "hello": {}, "token.get": {"token": TOKEN}})

        def script(request, send):
            if request["method"] in ("status", "hello", "token.get"):
                answer(request, send)
            else:
                send(reply(request, result={"plan": []} if request.get("dry_run") else vf))
        names = ["doc/man/dpdk-sriovctl.8"] + [f"doc/guides/{name}.rst" for name in
                                               ("sriovctl", "operator", "devbind", "kubernetes")]
        for name in names:
            lines = self.examples(name)
            self.assertTrue(lines, f"{name}: no examples")
            for line in lines:
                with self.subTest(f"{name}: {line}"), tempfile.TemporaryDirectory() as directory, Peer(script) as peer:
                    words = line.split()
                    if "--write" in words:
                        words[words.index("--write") + 1] = directory + "/file"
                    if "--watch" in words:
                        words += ["--count", "1"] if "--count" not in words else []
                    result = run(*words, peer=peer)
                    self.assertNotEqual(result.status, USAGE, result.err)
                    if words[0] != "doctor":
                        self.assert_status(result, OK)
