"""JUnit XML: each file is a test suite, each finding a failed test, each file that was not read an error."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TextIO

from looplint.finding import Finding
from looplint.report._advice import advice
from looplint.report._context import Context
from looplint.report._position import in_file, message_of, path_lines
from looplint.sources.printable import printable


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """A `testsuites` document; a run without findings is one passed test, since readers reject an empty one.

    Written as ASCII with character references, so that it is correct in any encoding of the stream.
    """
    from xml.etree import ElementTree as ET

    notices = [notice for notice in context.notices if notice.path]
    errors = [notice for notice in notices if notice.level != "note"]
    total = len(findings) + len(notices)
    root = ET.Element(
        "testsuites", name="looplint", tests=str(total or 1), failures=str(len(findings)), errors=str(len(errors))
    )
    if not total:
        suite = ET.SubElement(root, "testsuite", name="looplint", tests="1", failures="0", errors="0", skipped="0")
        ET.SubElement(suite, "testcase", name="nothing found", classname="looplint", time="0")
    for filename, group in groupby(findings, key=lambda finding: finding.filename):
        rows = list(group)
        path = printable(context.relative(filename))
        count = str(len(rows))
        suite = ET.SubElement(root, "testsuite", name=path, tests=count, failures=count, errors="0", skipped="0")
        for finding in rows:
            start, _ = in_file(finding, context)
            case = ET.SubElement(
                suite,
                "testcase",
                name=printable(f"{finding.code} {finding.name}"),
                classname=path,
                time="0",
                file=path,
                line=str(start.row),
            )
            message = printable(message_of(finding))
            failure = ET.SubElement(case, "failure", type=str(finding.severity), message=message)
            place = f"{path}:{start.row}:{start.column}: {message}"
            failure.text = "\n".join(
                [place, *map(printable, path_lines(finding)), *(f"help: {printable(line)}" for line in advice(finding))]
            )
    if notices:
        suite = ET.SubElement(root, "testsuite", name="not read", tests=str(len(notices)), failures="0")
        suite.attrib |= {"errors": str(len(errors)), "skipped": str(len(notices) - len(errors))}
    for notice in notices:
        path = printable(context.relative(notice.path))
        case = ET.SubElement(suite, "testcase", name=path, classname=path, time="0", file=path, line=str(notice.row))
        message = printable(notice.message)
        if notice in errors:
            ET.SubElement(case, "error", type=notice.kind, message=message).text = f"{path}: {message}"
        else:
            ET.SubElement(case, "skipped", message=message)
    ET.indent(root)
    stream.write(ET.tostring(root, encoding="us-ascii", xml_declaration=True).decode("ascii") + "\n")
