# SPDX-License-Identifier: BSD-3-Clause
"""doctor on the machine that it runs on, whatever that lacks. In the lab it has PFs: devtools/lab/tests/ctl_doctor.sh."""

import os
import re
import shutil
import subprocess
import tempfile

from ctl import Case, FAILED, FINDINGS, OK, PROGRAM, UNREACHABLE, USAGE, run


class Doctor(Case):
    """Table, JSON, status; and that nothing is touched."""

    def test_doctor_json_agrees_with_table_and_status(self):
        table, found = run("doctor"), run("doctor", "--json")
        report = found.json()
        levels = [finding["level"] for finding in report["findings"]]
        self.assertGreater(len(levels), 3)
        self.assertEqual({level: levels.count(level) for level in ("ok", "warn", "fail")},
                         {level: report[level] for level in ("ok", "warn", "fail")})
        self.assertEqual(report["root"], os.geteuid() == 0)
        for result in (table, found):
            self.assert_status(result, FINDINGS if report["fail"] else OK)
            self.assertEqual(result.err, "")
        self.assertEqual(re.findall(r"^(ok|warn|fail) ", table.out, re.M), levels)
        for finding in report["findings"]:
            self.assertRegex(table.out, rf"(?m)^{finding['level']} +{re.escape(finding['subject'])} +{finding['id']} ")
            if finding["level"] == "ok":
                continue
            # Each with what to do about it, wrapped.
            self.assertTrue(finding["remedy"], finding)
            self.assertIn(re.sub(r"\s+", " ", finding["remedy"]), re.sub(r"\s+", " ", table.out))

    def test_doctor_lines_short(self):
        for line in run("doctor").out.splitlines():
            self.assertLessEqual(len(line), 100, line)
            self.assertEqual(line, line.rstrip())

    def test_doctor_unknown_pf_refused(self):
        result = run("doctor", "ffff:ff:1f.7")
        self.assert_status(result, FAILED)
        self.assertIn("dpdk-sriovctl: ffff:ff:1f.7: ", result.err)
        self.assert_status(run("doctor", "eth0"), USAGE)

    def test_doctor_needs_no_daemon(self):
        self.assertNotEqual(run("--socket", "/nonexistent", "doctor").status, UNREACHABLE)

    def test_doctor_changes_nothing(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        with tempfile.NamedTemporaryFile() as log:
            done = subprocess.run(["strace", "-f", "-o", log.name, PROGRAM, "doctor"], capture_output=True, check=False)
            calls = log.read().decode("ascii", "replace")
        if "openat" not in calls:
            self.skipTest(f"strace does not work here: {done.stderr[-80:]!r}")
        self.assertIn("/proc/", calls)
        self.assertNotRegex(calls, r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)")
        self.assertNotRegex(calls, r"(?m)^\d+ +(unlink|rename|mkdir|rmdir|mknod|symlink|link|chmod|fchmod|chown|fchown|kill"
                                   r"|ptrace|mount|socket|connect|init_module|finit_module|clone|fork|execve)\w*\((?!\"" +
                            re.escape(PROGRAM) + ")")

    def test_doctor_as_other_user_tells_what_it_cannot_see(self):
        if os.geteuid() != 0:
            self.skipTest("only root can run it as another user")
        with tempfile.TemporaryDirectory() as directory:
            # The build may lie where that user may not look.
            program = shutil.copy(PROGRAM, directory)
            os.chmod(directory, 0o755)
            done = subprocess.run([program, "doctor"], user=65534, group=65534, extra_groups=[], capture_output=True,
                                  text=True, check=False, env={"LC_ALL": "C"})
        self.assertIn(done.returncode, (OK, FINDINGS))
        self.assertEqual(done.stderr, "")
        self.assertIn("Not run as root", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^warn +host +proc +")
