"""The results of tests as JUnit XML, which continuous integration reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from afterword.problem import Problem
    from afterword_cli.trials import Result

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(results: Sequence[Result], problems: Sequence[Problem]) -> bytes:
    """One suite per file; a file that could not be used is an error in a suite of its own."""
    root = ET.Element("testsuites", name="afterword")
    files = dict.fromkeys(result.trial.file for result in results)
    for file in files:
        _suite(root, file, [result for result in results if result.trial.file == file])
    for problem in problems:
        suite = _counted(root, problem.file, tests=1, failures=0, errors=1)
        case = ET.SubElement(suite, "testcase", name=_clean(problem.code), classname=_clean(problem.file))
        ET.SubElement(case, "error", message=_clean(problem.message), type=problem.code).text = _clean(
            str(problem)
        )
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(root: ET.Element, file: str, results: Sequence[Result]) -> None:
    failed = sum(bool(result.failures) for result in results)
    suite = _counted(root, file, tests=len(results), failures=failed, errors=0)
    for result in results:
        trial = result.trial
        about = trial.expectations[0].rule
        where = {"classname": _clean(about), "file": _clean(file), "line": str(trial.line)}
        case = ET.SubElement(suite, "testcase", {"name": _clean(trial.name), **where})
        if result.failures:
            first = "; ".join(result.failures[0].differences)
            told = "\n\n".join(map(str, result.failures))
            ET.SubElement(case, "failure", message=_clean(first), type="expectation").text = _clean(told)


def _counted(root: ET.Element, name: str, **counts: int) -> ET.Element:
    return ET.SubElement(
        root, "testsuite", {"name": _clean(name)} | {key: str(n) for key, n in counts.items()}
    )


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NO_XML.sub("?", text)
