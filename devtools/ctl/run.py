# SPDX-License-Identifier: BSD-3-Clause
"""Runs the tests of this directory: a line PASS, FAIL or SKIP for each. See run.sh."""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Report(unittest.TestResult):
    """One line for each test, and what went wrong below it."""

    def __init__(self):
        super().__init__()
        self.failed_subtests = set()

    @staticmethod
    def _line(word, test, more=""):
        print(f"{word} {test._testMethodName.removeprefix('test_')}{more}", flush=True)  # pylint: disable=protected-access

    def _failed(self, test, err, name=None):
        self._line("FAIL", test, f" [{name}]" if name else "")
        for line in self._exc_info_to_string(err, test).rstrip().splitlines()[-40:]:
            print("  | " + line, flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        if test.id() not in self.failed_subtests:
            self._line("PASS", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._failed(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._failed(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed_subtests.add(test.id())
            self._failed(test, err, subtest._subDescription())  # pylint: disable=protected-access

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("SKIP", test, f": {reason}")


def main():
    """All tests, or those whose names contain one of the arguments."""
    loader = unittest.TestLoader()
    report = Report()
    wanted = sys.argv[1:]
    if wanted:
        loader.testNamePatterns = [f"*{word}*" for word in wanted]
    loader.discover(HERE, "test_*.py").run(report)
    for error in loader.errors:
        print(error)
    failed = len(report.failures) + len(report.errors) + len(loader.errors)
    skipped = len(report.skipped)
    print(f"{report.testsRun - len(report.skipped)} run, {failed} failures, {skipped} skipped")
    return 1 if failed or report.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
