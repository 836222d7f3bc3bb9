"""Every code a problem can have and what it means: the register that the documentation is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CODES: Final[Mapping[str, str]] = {
    # --- reading the text
    "yaml-syntax": """
        The text is not YAML. The usual causes are a text with `: ` or a leading `{` that is not in
        quotes, a missing closing quote, and a line that is indented differently from its
        neighbours.""",
    "yaml-tab": """
        A tab stands in the file. YAML readers disagree about what a tab means, so none is read.
        Indent with spaces; inside a text in double quotes a tab is written `\\t`.""",
    "yaml-tag": """
        A YAML tag such as `!!python/object` stands before a value. Rule files are plain data: text,
        numbers, `true`, `false`, `null`, lists and mappings.""",
    "yaml-alias": """
        An alias `*name` refers to an anchor `&name` that does not come before it, or that it stands
        inside of.""",
    "yaml-key": """
        The name before a `:` is a list, a mapping or an alias. Names are words. Often a text that
        begins with `{` was meant and needs quotes.""",
    "yaml-merge-key": """
        The key `<<`, which merges another mapping into this one, is not part of YAML 1.2 and is not
        read.""",
    "yaml-documents": "The file holds a second document, after a line `---`. Only one per file is read.",
    "duplicate-key": """
        The same name stands twice in one mapping, or two files of one ruleset declare it. Only one
        of the two could count, so one has to go.""",
    "not-text": """
        The file is not text in UTF-8: it is binary, was saved in another encoding, or holds a
        control character.""",
    "too-large": "The file (or the folder) is larger than any rule file needs to be, and is not read.",
    "too-deep": "Values are nested deeper than any rule needs; the rest of the file is not read.",
    "too-many-values": """
        With its aliases written out the file would hold more values than any ruleset needs; the
        rest of it is not read.""",
    "number-range": "A number is infinite, not a number, or too large for 64 bits.",
    "missing-file": "A file or folder that was named, or that a ruleset cannot do without, does not exist.",
    "unreadable-file": "A file exists and could not be read; the message gives the system's reason.",
    "unknown-ruleset": "No ruleset of this name (or of this version) is installed.",
    # --- the shape of the document
    "unknown-key": "A key that the language does not have here, most often a spelling mistake.",
    "missing-key": "A key that must be there is not.",
    "misplaced-key": """
        In a folder, what describes the ruleset as a whole stands in `ruleset.yaml` and not in
        `rules/*.yaml`.""",
    "wrong-type": "A value of the wrong kind: a text where a list belongs, a number where a text belongs.",
    "not-allowed": """
        A value that is none of those that may stand here, or a key that may not stand beside
        another.""",
    "bad-format": """
        A text that is not written as this place wants it, such as a version, an id or a time of
        day.""",
    "out-of-range": "A number is too small or too large, or a list or text too short or too long.",
    "recommendation-only": """
        A key of a warning that only a recommendation can have. A warning is said once, at the event; it
        has no window in which it could be followed, so nothing fulfils or repeats it.""",
    "duplicate-item": "A list has the same item twice.",
    # --- the meaning of the document
    "unknown-event": """
        A rule speaks of an event type that `events` does not declare and that the engine does not
        raise itself. Such a rule would never speak.""",
    "unknown-field": """
        A path names a field that none of the event types has, or that an object does not have.""",
    "unknown-fact": "`case.NAME` or `subject.NAME` names something that `remember` does not keep there.",
    "unknown-name": """
        `$name` names no param and no list, or a message uses a name that means nothing in its rule.""",
    "unknown-param": "A param that is to be set, or that a message names, does not exist.",
    "unknown-pattern": "A rule or a pattern names a pattern that `patterns` does not declare.",
    "unknown-rule": "A rule names another one that does not exist.",
    "unknown-value": """
        A field is compared with a value that its `enum` does not have, so that the test could never
        pass.""",
    "unknown-zone": "The time zone is not in the IANA database.",
    "unknown-column": "A mapping reads a column that its own list `columns` does not name.",
    "unknown-holidays": "There is no calendar of public holidays of this name.",
    "reserved-name": """
        A field, a fact or an event type has a name that means something else in rules, or that the
        engine uses itself.""",
    "duplicate-id": "Two rules have the same id. Logs, tests and other rules could not tell them apart.",
    "duplicate-name": "A param and a list have the same name, so that `$name` could mean either.",
    "mixed-types": """
        One pattern is about several event types that declare a field of the same name with
        different types.""",
    "field-not-everywhere": """
        A test looks at a field that only some of the pattern's event types have; for the others it
        always fails. This is a warning.""",
    "wrong-test": """
        A test does not fit the type of its field, such as `gt` on a text. No value is converted, so
        it could never pass.""",
    "wrong-operand": """
        A field is compared with a value of another type, or a duration, a list or a number stands
        where another kind of value belongs.""",
    "wrong-filter": "A filter in a message does not fit the value, such as `date` on a text.",
    "bad-date": "A text is not a date (`2026-03-02`), or not a date and time with its offset.",
    "bad-duration": "A text is not a length of time that can be counted with.",
    "bad-regex": """
        A regular expression cannot be read, or uses what cannot run in linear time (RE2 has no
        look-around and no back-references).""",
    "bad-template": """
        A template of a mapping has a brace that does not belong to the name of a column, or names no
        column at all.""",
    "bad-time-format": "The format of a time or date in a mapping cannot be read, or leaves a part of it out.",
    "bad-message": "A message has a brace that does not belong to a name, or an unknown filter.",
    "bad-setting": "A value given for a param is not of the param's type.",
    "empty-range": "The first value of `between` is greater than the second.",
    "empty-window": """
        A window, a span or the time in which a rule is in force ends before it begins, whatever
        happens.""",
    "misplaced-count": """
        `count` stands in a pattern that does not trigger a rule. Only the `when` of a rule can
        count.""",
    "case-out-of-reach": """
        A rule per subject looks at `case.…`. It has all the cases of the person before it, and none
        in particular.""",
    "trigger-out-of-reach": """
        `trigger.…` stands where there is no advice yet. It can be read in `fulfilled_by` and
        `cancelled_by` only.""",
    "inhibits-itself": "A rule names itself in `inhibits`.",
    "pattern-cycle": "A pattern is made of itself, directly or through others.",
    "rule-cycle": """
        Rules that listen to each other's `advice.…` events would set each other off without end,
        since no time passes between them.""",
    "dead-rule": """
        A rule listens for an `advice.…` event that none of the rules it can be about ever causes, such as
        `advice.due` of a warning. This is a warning.""",
    "case-opens-and-closes": "The same event type opens a case and closes it.",
    "wrong-engine": "The ruleset asks for a version of the engine that this one is not.",
    "unused-name": """
        A param, a list or a pattern is declared and nothing uses it; most often its use is
        misspelt. This is a warning.""",
    # --- tests
    "bad-event": "An event of a test that could not be read from a log either.",
    "duplicate-test": "Two tests of one file have the same name, so that a report could not tell them apart.",
    "wrong-value": """
        A field of an event in a test has a value that is not of the field's type; no condition on it
        can hold. A warning, for that may be what the test is about.""",
    "impossible-state": """
        A test expects a state that the rule cannot have: a warning is raised or suppressed, and a
        recommendation is never raised.""",
    "no-ruleset": """
        A file of tests stands beside no ruleset. Tests belong into the folder `tests` beside
        `ruleset.yaml`.""",
    # --- what is checked
    "unknown-document": """
        A file is not one of those that can be checked. A ruleset begins with `schema:`, a mapping with
        `mapping:`, and a file of tests with `tests:`.""",
}


def explanation(code: str) -> str:
    """The paragraph that explains a code."""
    return " ".join(CODES[code].split())
