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
        The file (or the folder), with its aliases written out, holds more values than any ruleset
        needs; the rest of it is not read.""",
    "too-many-problems": """
        So much is wrong that the rest would only hide the first of it: one mistake repeated, or a file
        that is something else. What comes after is not told.""",
    "number-range": "A number is infinite, not a number, or too large for 64 bits.",
    "missing-file": "A file or folder that was named, or that a ruleset cannot do without, does not exist.",
    "unreadable-file": "A file exists and could not be read; the message gives the system's reason.",
    "unknown-ruleset": "No ruleset of this name (or of a version that fits) is installed.",
    "bad-version": "What stands behind the `@` of a ruleset's name is neither a version nor a range of versions.",
    "misnamed-folder": """
        The folder of an installed ruleset has another name or version than the ruleset in it gives
        itself, so that asking for the one would give the other.""",
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
    "misspelt-name": """
        A name is declared and used nowhere, and one that differs from it by a letter or two is used in
        several places and declared nowhere: the declaration is misspelt.""",
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
    "path-as-text": """
        A text in a test is exactly the path of something known, such as `case.company`, or the name of a
        list without its `$`; or a path in a message stands in two braces, `{{case.company}}`. As it is
        written, these very letters are meant. This is a warning.""",
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
    "wrong-rename": """
        `renamed_from` names a rule that there still is, or one that another rule names as well.""",
    "pattern-cycle": "A pattern is made of itself, directly or through others.",
    "rule-cycle": """
        Rules that listen to each other's `advice.…` events would set each other off without end,
        since no time passes between them.""",
    "never-true": """
        A condition, or one of the alternatives of an `any`, can never hold: two tests of one value exclude
        each other, such as `gt: 5` and `lt: 3`. This is a warning.""",
    "dead-rule": """
        A rule can never speak: it listens for an `advice.…` event that none of the rules it can be about
        ever causes, such as `advice.due` of a warning, or its `while` never holds when its event comes.
        This is a warning.""",
    "no-effect": """
        A part of a rule never has an effect: an `unless` that can have seen nothing, a rule in `inhibits`
        that is never withheld, an alternative that an earlier one includes. This is a warning.""",
    "endless-inhibition": """
        A rule withholds another one for ever. Nothing ever ends its own advice: it has no `until`, and no
        event fulfils or cancels it. Or it is a warning, and whatever triggers the other one triggers it
        too. This is a warning.""",
    "same-rule": """
        Two rules are the same but for their ids and titles, so that the advice is given twice. This is a
        warning.""",
    "case-opens-and-closes": "The same event type opens a case and closes it.",
    "extends-outside": """
        The path in `extends` leads out of the folder that its file stands in, be it by `..` or by a
        link; or the ruleset was read from no file, so that a path has nowhere to begin.""",
    "extends-cycle": "A ruleset extends itself, directly or through others.",
    "extends-too-deep": "More rulesets extend each other than anyone could follow; the limit is eight.",
    "redefined": """
        A ruleset declares what the ruleset that it extends has declared already. Adding is free;
        what is there is changed with `override`.""",
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


MENDS: Final[Mapping[str, str]] = {
    "yaml-syntax": """
        Look at the line that is named and at the one above it. Put texts with `: `, `{`, `[` or
        `#` in quotes, close every quote, and indent neighbours alike.""",
    "yaml-tab": "Replace the tab by spaces; most editors can do so for a whole file.",
    "yaml-tag": "Remove the tag. A text that begins with `!` is put in quotes.",
    "yaml-alias": "Write the anchor before its aliases, and check its spelling.",
    "yaml-key": "Put the text before the `:` in quotes, or write a plain word.",
    "yaml-merge-key": "Write the keys out, or give what is shared a name in `patterns`, `lists` or `params`.",
    "yaml-documents": "Remove the line `---`, or move what follows it into a file of its own.",
    "duplicate-key": "Remove or rename one of the two.",
    "not-text": "Save the file as text in UTF-8.",
    "too-large": "Split the file into several below `rules/`.",
    "too-deep": "Give parts of the condition a name in `patterns`.",
    "too-many-problems": "Mend the first ones and check again. Often they are one mistake repeated.",
    "too-many-values": """
        Use fewer aliases; a value that is used often belongs into `lists` or `patterns`. Or make several
        rulesets of it.""",
    "number-range": "Write a finite number below 2^63, or put it in quotes if it is a text.",
    "missing-file": "Check the spelling and the folder from which you call.",
    "unreadable-file": "Ask for the permission that is missing, or put the file itself where a link stands.",
    "unknown-ruleset": """
        `afterword rules list` shows what is installed. A file or folder is named by its path.""",
    "bad-version": "Write a version or a range: `@1.2.0`, `@^1`, `@~1.2`, `@>=1,<2`.",
    "misnamed-folder": "Rename the folder to `NAME` or `NAME@VERSION`, or correct the ruleset.",
    "unknown-key": "Write the key that is suggested, or remove it.",
    "missing-key": "Add the key.",
    "misplaced-key": "Move it into `ruleset.yaml`.",
    "wrong-type": """
        Write a value of the kind that is named. Several values stand in a list, texts that look
        like numbers in quotes.""",
    "not-allowed": "Choose one of the values that are named, or remove one of the two keys.",
    "bad-format": "Write it like the example in the hint.",
    "out-of-range": "Choose a value within the limits that are named.",
    "recommendation-only": "Remove the key, or make the rule a `recommendation`.",
    "duplicate-item": "Remove one of the two.",
    "unknown-event": "Correct the spelling, or declare the type under `events`.",
    "unknown-field": """
        Correct the spelling, or declare the field under the event type. What is remembered is
        read as `case.NAME` or `subject.NAME`.""",
    "unknown-fact": "Correct the spelling, or add the fact under `remember`.",
    "unknown-name": """
        Correct the spelling, or declare it under `params` or `lists`. In a message, use a name
        that the rule has.""",
    "unknown-param": "Correct the spelling, or declare the param under `params`.",
    "unknown-pattern": """
        Correct the spelling, or declare it under `patterns`. An event type is written `{event:
        TYPE}`.""",
    "unknown-rule": "Correct the id.",
    "unknown-value": "Write one of the values of the field's `enum`, or add the new one there.",
    "unknown-zone": "Write the IANA name, such as `Australia/Perth`.",
    "unknown-column": "Correct the spelling, or add the column to `columns`.",
    "unknown-holidays": "Write a country, or a country and a region: `AU`, `AU-WA`.",
    "misspelt-name": "Correct the declaration, or else the places that use the name.",
    "reserved-name": "Choose another name.",
    "duplicate-id": "Give one of the rules another id.",
    "duplicate-name": "Rename one of the two.",
    "mixed-types": "Write one pattern for each event type, in a list.",
    "field-not-everywhere": "Declare the field for the other types too, or write one pattern for each.",
    "wrong-test": "Use one of the tests that are named; a list is asked with `has`.",
    "wrong-operand": """
        Write a value of the field's type. Numbers and truth values have no quotes, texts may
        have.""",
    "path-as-text": """
        Write `{field: case.company}` to compare with the value, `$name` for a list, and one brace in a
        message.""",
    "wrong-filter": "Use one of the filters that are named, or none.",
    "bad-date": "Write `2026-03-02`, or `2026-03-02T09:00:00+08:00`.",
    "bad-duration": "Write a number and a unit: `7 days`, `36 hours`, `2 business days`.",
    "bad-regex": "Follow the hint. Often `mentions` or `contains` says the same more plainly.",
    "bad-template": "Write `{Column}` with the name of a column; a brace itself is written twice.",
    "bad-time-format": """
        Write `iso`, `epoch_seconds`, `epoch_milliseconds`, or a pattern with a year, a month and
        a day such as `%d/%m/%Y %H:%M`.""",
    "bad-message": "Write `{name}` or `{name:filter}`; a brace itself is written twice.",
    "bad-setting": 'Give a value of the param\'s type: `--set patience="5 days"`.',
    "empty-range": "Write the smaller value first.",
    "empty-window": "Let the end come after the beginning. `until` counts from `from`.",
    "misplaced-count": "Move `count` into the rule's `when`, or remove it.",
    "case-out-of-reach": "Make the rule `per: case`, or remember the fact `per: subject`.",
    "trigger-out-of-reach": "For the event itself write the field without `trigger.`.",
    "inhibits-itself": "Remove it. A rule that is to speak less often gets a `cooldown`.",
    "wrong-rename": "Name, in one rule only, the ids that it had before and that no rule has any more.",
    "pattern-cycle": "Take the pattern out of its own definition.",
    "rule-cycle": "Name the rule that is meant in `where: {rule: …}`, or give one of the rules a `cooldown`.",
    "never-true": "Remove one of the two tests, or write both under `any` if either of them will do.",
    "dead-rule": """
        Listen for a state that these rules enter: warnings are only `raised`, `fulfilled` needs
        `fulfilled_by`, and `missed` a window that closes. A `while` has to hold when the event comes:
        a case that closes forgets its spans.""",
    "no-effect": "Remove the part that is named, or change what keeps it from having an effect.",
    "endless-inhibition": """
        Give the rule an `until`, or say in `fulfilled_by` or `cancelled_by` what ends it. Of two warnings, let
        the one that withholds listen for less.""",
    "same-rule": "Remove one of the two, or make them differ.",
    "case-opens-and-closes": "Remove the event type from `opened_by` or from `closed_by`.",
    "extends-outside": """
        Put the ruleset into the same folder, or put its folder's folder into AFTERWORD_RULESETS and
        extend it by name.""",
    "extends-cycle": "Let one of them stand by itself.",
    "extends-too-deep": "Extend one that stands further down.",
    "redefined": "Leave it out, or move it into `override`.",
    "wrong-engine": "Install the version that is asked for, or widen `requires_engine`.",
    "unused-name": "Correct the spelling where it is meant to be used, or remove it.",
    "bad-event": "Correct the event as the message says.",
    "duplicate-test": "Give one of the tests another name.",
    "wrong-value": "Write a value of the field's type, unless the test is about exactly that.",
    "impossible-state": "Write a state that the rule can have.",
    "no-ruleset": "Move the file into `tests/` beside `ruleset.yaml`, or name the ruleset with `--rules`.",
    "unknown-document": """
        Begin the file with `schema: afterword/1`, `mapping: afterword/1` or `tests: afterword/1`.""",
}
"""What to do about each."""


def explanation(code: str) -> str:
    """The paragraph that explains a code."""
    return " ".join(CODES[code].split())


def mend(code: str) -> str:
    """The sentences that say what to do about a code."""
    return " ".join(MENDS[code].split())
