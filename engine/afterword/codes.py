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
        The file contains a tab. YAML readers disagree about what a tab means, so none is accepted.
        Indent with spaces; inside a text in double quotes, write a tab as `\\t`.""",
    "yaml-tag": """
        There is a YAML tag such as `!!python/object` before a value. Rule files are plain data:
        text, numbers, `true`, `false`, `null`, lists and mappings.""",
    "yaml-alias": """
        An alias `*name` refers to an anchor `&name` that does not come before it, or that contains
        the alias itself.""",
    "yaml-comment": """
        A ` #` with a word right after it follows a text that is not in quotes, as in
        `message: Answer ticket #5`. For YAML a comment begins there, so the text ends before it.
        This is a warning.""",
    "yaml-key": """
        The name before a `:` is a list, a mapping or an alias; it must be a word. Often a text that
        begins with `{` was meant, and needs quotes.""",
    "yaml-merge-key": """
        The key `<<`, which merges another mapping into this one, is not part of YAML 1.2 and is not
        supported.""",
    "yaml-documents": "The file contains a second document, after a line `---`. Only one per file is read.",
    "duplicate-key": """
        The same name is used twice in one mapping, or declared by two files of one ruleset. Only
        one of the two could count, so one has to go.""",
    "not-text": """
        The file is not text in UTF-8: it is binary, was saved in another encoding, or contains a
        control character.""",
    "too-large": "The file (or the folder) is larger than any rule file needs to be, and is not read.",
    "too-deep": "Values are nested deeper than any rule needs; the rest of the file is not read.",
    "too-many-values": """
        The file (or the folder), with its aliases written out, contains more values than any
        ruleset needs; the rest of it is not read.""",
    "too-many-problems": """
        There are so many errors that the rest are not shown: probably one mistake is repeated, or
        the file is not a rule file at all.""",
    "number-range": "A number is infinite, not a number, or too large for 64 bits.",
    "missing-file": "A file or folder does not exist that was named, or that a ruleset needs.",
    "unreadable-file": "A file exists and could not be read; the message gives the system's reason.",
    "unknown-ruleset": "No ruleset of this name (or of a version that fits) is installed.",
    "bad-version": "What follows the `@` in a ruleset's name is neither a version nor a range of versions.",
    "misnamed-folder": """
        The folder of an installed ruleset has another name or version than the ruleset inside it,
        so that asking for one would give the other.""",
    # --- the shape of the document
    "unknown-key": "The language has no such key at this place. Most often it is a spelling mistake.",
    "missing-key": "A required key is missing.",
    "misplaced-key": """
        In a folder, keys that describe the ruleset as a whole belong in `ruleset.yaml` and not in
        `rules/*.yaml`.""",
    "wrong-type": """
        A value is of the wrong kind: for example, text where a list is expected, or a number where
        text is expected.""",
    "not-allowed": "A value is not one of those allowed here, or a key is not allowed beside another.",
    "bad-format": """
        A text does not have the form that is needed here, such as that of a version, an id or a
        time of day.""",
    "out-of-range": "A number is too small or too large, or a list or text is too short or too long.",
    "recommendation-only": """
        A warning has a key that only a recommendation can have. A warning is given once, at the
        event. It has no window of time, so nothing can fulfil or repeat it.""",
    "duplicate-item": "A list has the same item twice.",
    # --- the meaning of the document
    "unknown-event": """
        A rule uses an event type that is neither declared under `events` nor raised by the engine
        itself. Such a rule could never speak.""",
    "unknown-field": """
        A path names a field that none of the event types has, or that an object does not have.""",
    "unknown-fact": "`case.NAME` or `subject.NAME` names something that `remember` does not keep there.",
    "unknown-name": """
        `$name` is not the name of a param or a list, or a message uses a name that does not exist
        in its rule.""",
    "unknown-param": "A param that you set, or that a message names, does not exist.",
    "unknown-pattern": "A rule or a pattern names a pattern that `patterns` does not declare.",
    "unknown-rule": "A rule names another rule that does not exist.",
    "unknown-value": """
        A field is compared with a value that its `enum` does not have, so that the test could never
        pass.""",
    "unknown-zone": "The time zone is not in the IANA database.",
    "unknown-column": "A mapping reads a column that is not in its own list `columns`.",
    "unknown-holidays": "There is no calendar of public holidays with this name.",
    "misspelt-name": """
        A name is declared but never used, and a name that differs from it by a letter or two is
        used in several places but never declared. So the declaration is probably misspelt.""",
    "reserved-name": """
        The name of a field, a fact or an event type has another meaning in rules, or is used by the
        engine itself.""",
    "duplicate-id": "Two rules have the same id. Logs, tests and other rules could not tell them apart.",
    "duplicate-name": "A param and a list have the same name, so that `$name` could mean either.",
    "mixed-types": """
        One pattern is about several event types that declare a field of the same name with
        different types.""",
    "field-not-everywhere": """
        A test looks at a field that only some of the pattern's event types have; for the others it
        always fails. This is a warning.""",
    "wrong-test": """
        A test does not fit the type of its field, such as `gt` on a text. Values are never
        converted, so the test could never pass.""",
    "wrong-operand": """
        A field is compared with a value of another type, or there is a duration, a list or a number
        where another kind of value is needed.""",
    "path-as-text": """
        A text in a test is exactly the path of a known value, such as `case.company`, or the name
        of a list without its `$`; or a path in a message is in double braces, `{{case.company}}`.
        Written like this, it means these very letters and not the value. This is a warning.""",
    "wrong-filter": "A filter in a message does not fit the value, such as `date` on a text.",
    "bad-date": "A text is not a date (`2026-03-02`), or not a date and time with its offset.",
    "bad-duration": "A text is not a duration that can be calculated with.",
    "bad-regex": """
        A regular expression cannot be read, or uses something that does not run in linear time (RE2
        has no look-around and no back-references).""",
    "bad-template": """
        A template in a mapping has a brace that does not belong to the name of a column, or it
        names no column at all.""",
    "bad-time-format": """
        The format of a time or date in a mapping cannot be read, or lacks a necessary part.""",
    "bad-message": "A message has a brace that does not belong to a name, or an unknown filter.",
    "bad-setting": "A value given for a param is not of the param's type.",
    "empty-range": """
        The first value of `between` is greater than the second; or a `time_of_day` begins and ends at
        the same time, or is all of a day.""",
    "empty-window": """
        A window, a span or the time in which a rule is in force always ends before it begins.""",
    "misplaced-count": """
        `count` is in a pattern that does not trigger a rule. Only the `when` of a rule can count.""",
    "case-out-of-reach": """
        A rule `per: subject` reads `case.…`. It looks at all cases of the person together, so it
        has no particular case to read from.""",
    "trigger-out-of-reach": """
        `trigger.…` is used where there is no advice yet. It can be read in `fulfilled_by` and
        `cancelled_by` only.""",
    "inhibits-itself": "A rule names itself in `inhibits`.",
    "wrong-rename": """
        `renamed_from` names a rule that still exists, or one that another rule names as well.""",
    "pattern-cycle": "A pattern contains itself, directly or through others.",
    "rule-cycle": """
        Rules listen to each other's `advice.…` events and would trigger each other without end,
        since no time passes between them.""",
    "never-true": """
        A condition, or one of the alternatives of an `any`, can never hold: two tests of the same
        value exclude each other, such as `gt: 5` and `lt: 3`. This is a warning.""",
    "same-field": """
        A test compares a field with itself, so that it never holds, or holds whenever the field is
        there: `ticket: {field: ticket}`. Most often the field of another event is meant. This is a
        warning.""",
    "dead-rule": """
        A rule can never speak. Either it listens for an `advice.…` event that the rules in question
        never cause, such as `advice.due` of a warning; or only for advice of its own, or of rules
        that themselves wait for it, so that none of them ever begins; or when its event comes, its
        `while` never holds or its `unless` always does. This is a warning.""",
    "no-effect": """
        A part of a rule never has an effect: an `unless` that never holds when its event comes, a
        rule in `inhibits` that is never suppressed, or an alternative that an earlier one already
        covers. This is a warning.""",
    "endless-inhibition": """
        A rule suppresses another one for ever. Either nothing ends its own advice, because it has no
        `until` and no event fulfils or cancels it; or it is a warning that is triggered by
        everything that triggers the other one. This is a warning.""",
    "same-rule": """
        Two rules speak at the same events and say the same, so the advice is given twice. They
        differ at most in how they are called and explained: in `id`, `title`, `description`, `tags`
        and `renamed_from`. This is a warning.""",
    "silent-repeat": """
        A rule repeats its advice, but the window of that has no end and `again` is `ignore`. So the
        first advice stays open until it is done, and as long as one is open no other comes: nobody
        is reminded again. This is a warning.""",
    "case-opens-and-closes": "The same event type opens a case and closes it.",
    "extends-outside": """
        The path in `extends` leads out of the folder of the file that contains it, through `..` or
        through a link. Or the ruleset was not read from a file, so that there is no folder to start
        from.""",
    "extends-cycle": "A ruleset extends itself, directly or through others.",
    "extends-too-deep": "Too many rulesets extend one another in a chain; the limit is eight.",
    "redefined": """
        A ruleset declares something that the ruleset it extends has already declared. New things
        can be declared; existing ones are changed with `override`.""",
    "wrong-engine": "The ruleset requires another version of afterword than the one that is installed.",
    "unused-name": """
        A param, a list or a pattern is declared but never used; most often its name is misspelt
        where it is used. This is a warning.""",
    # --- tests
    "bad-event": "An event in a test could not be read. In a log, it could not be read either.",
    "duplicate-test": "Two tests of one file have the same name, so that a report could not tell them apart.",
    "wrong-value": """
        A field of an event in a test has a value that is not of the field's type, so no condition
        on it can hold. This is only a warning, because the test may be about exactly that.""",
    "impossible-state": """
        A test expects a state that the rule cannot have: a warning is raised or suppressed, and a
        recommendation is never raised.""",
    "no-ruleset": """
        A file of tests has no ruleset beside it. Tests belong in the folder `tests` beside
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
    "yaml-tab": "Replace the tab with spaces; most editors can do so for a whole file.",
    "yaml-tag": "Remove the tag. If a text begins with `!`, put it in quotes.",
    "yaml-alias": "Write the anchor before its aliases, and check its spelling.",
    "yaml-comment": "Put the whole text in quotes, or write a space after the `#` of a comment.",
    "yaml-key": "Put the text before the `:` in quotes, or write a plain word.",
    "yaml-merge-key": "Repeat the keys, or give what is shared a name in `patterns`, `lists` or `params`.",
    "yaml-documents": "Remove the line `---`, or move what follows it to a file of its own.",
    "duplicate-key": "Remove or rename one of the two.",
    "not-text": "Save the file as text in UTF-8.",
    "too-large": "Split the file into several in `rules/`.",
    "too-deep": "Give parts of the condition a name in `patterns`.",
    "too-many-problems": "Correct the first ones and check again. Often they are one mistake repeated.",
    "too-many-values": """
        Use fewer aliases; put a value that is used often into `lists` or `patterns`. Or split the
        ruleset into several.""",
    "number-range": "Write a finite number below 2^63, or put it in quotes if it is a text.",
    "missing-file": "Check the spelling, and the folder in which you run the command.",
    "unreadable-file": "Ask for the missing permission, or replace a link with the file itself.",
    "unknown-ruleset": "`afterword rules list` shows what is installed. Name a file or folder by its path.",
    "bad-version": "Write a version or a range: `@1.2.0`, `@^1`, `@~1.2`, `@>=1,<2`.",
    "misnamed-folder": "Rename the folder to `NAME` or `NAME@VERSION`, or correct the ruleset.",
    "unknown-key": "Write the key that is suggested, or remove it.",
    "missing-key": "Add the key.",
    "misplaced-key": "Move it into `ruleset.yaml`.",
    "wrong-type": """
        Write a value of the kind that is named. Several values need a list; texts that look like
        numbers need quotes.""",
    "not-allowed": "Choose one of the values that are listed, or remove one of the two keys.",
    "bad-format": "Write it like the example in the hint.",
    "out-of-range": "Choose a value within the limits that are given.",
    "recommendation-only": "Remove the key, or make the rule a `recommendation`.",
    "duplicate-item": "Remove one of the two.",
    "unknown-event": "Correct the spelling, or declare the type under `events`.",
    "unknown-field": """
        Correct the spelling, or declare the field under the event type. Facts are read as
        `case.NAME` or `subject.NAME`.""",
    "unknown-fact": "Correct the spelling, or add the fact under `remember`.",
    "unknown-name": """
        Correct the spelling, or declare it under `params` or `lists`. In a message, use a name that
        its rule has.""",
    "unknown-param": "Correct the spelling, or declare the param under `params`.",
    "unknown-pattern": """
        Correct the spelling, or declare it under `patterns`. An event type is written `{event:
        TYPE}`.""",
    "unknown-rule": "Correct the id.",
    "unknown-value": "Write one of the values of the field's `enum`, or add the new one there.",
    "unknown-zone": "Write the IANA name, such as `Australia/Perth`.",
    "unknown-column": "Correct the spelling, or add the column to `columns`.",
    "unknown-holidays": "Write a country, or a country and a region: `AU`, `AU-WA`.",
    "misspelt-name": "Correct the declaration, or the places that use the name.",
    "reserved-name": "Choose another name.",
    "duplicate-id": "Give one of the rules another id.",
    "duplicate-name": "Rename one of the two.",
    "mixed-types": "Write one pattern for each event type, in a list.",
    "field-not-everywhere": "Declare the field for the other types too, or write one pattern for each.",
    "wrong-test": "Use one of the tests that are listed; for a list, use `has`.",
    "wrong-operand": """
        Write a value of the field's type. Numbers and truth values have no quotes; texts may have
        them.""",
    "path-as-text": """
        Write `{field: case.company}` to compare with the value, `$name` for a list, and one brace in a
        message.""",
    "wrong-filter": "Use one of the filters that are listed, or none.",
    "bad-date": "Write `2026-03-02`, or `2026-03-02T09:00:00+08:00`.",
    "bad-duration": "Write a number and a unit: `7 days`, `36 hours`, `2 business days`.",
    "bad-regex": "Follow the hint. Often `mentions` or `contains` says the same more plainly.",
    "bad-template": "Write `{Column}` with the name of a column; for a brace itself, write it twice.",
    "bad-time-format": """
        Write `iso`, `epoch_seconds`, `epoch_milliseconds`, or a pattern with a year, a month and
        a day such as `%d/%m/%Y %H:%M`.""",
    "bad-message": "Write `{name}` or `{name:filter}`; for a brace itself, write it twice.",
    "bad-setting": 'Give a value of the param\'s type: `--set patience="5 days"`.',
    "empty-range": """
        Write the smaller value first. A `time_of_day` from some time until the end of the day has no
        `until`; for all of the day, leave the test out.""",
    "empty-window": "Let the end come after the beginning. `until` is counted from `from`.",
    "misplaced-count": "Move `count` into the rule's `when`, or remove it.",
    "case-out-of-reach": "Make the rule `per: case`, or remember the fact `per: subject`.",
    "trigger-out-of-reach": "To read the event itself, write the field without `trigger.`.",
    "inhibits-itself": "Remove it. To make a rule speak less often, give it a `cooldown`.",
    "wrong-rename": "List, in one rule only, the ids that it had before and that no rule has now.",
    "pattern-cycle": "Take the pattern out of its own definition.",
    "rule-cycle": """
        Name the rule that you mean in `where: {rule: …}`, or give one of the rules a `cooldown`.""",
    "never-true": "Remove one of the two tests, or write both under `any` if either of them will do.",
    "same-field": """
        In `fulfilled_by` and `cancelled_by`, `{field: trigger.ticket}` reads the field of the event
        that made the advice; `{field: case.ticket}` reads a remembered one. To ask whether a field
        is there at all, write `{exists: true}`.""",
    "dead-rule": """
        Listen for a state that these rules can enter: warnings are only `raised`, `fulfilled` needs
        `fulfilled_by`, and `missed` needs a window that closes. Rules that wait for each other need
        an event that begins it. A `while` has to hold when the event comes; when a case closes, its
        spans are forgotten. An `unless` must not begin its span with the event of `when`.""",
    "no-effect": "Remove the part that is named, or change whatever keeps it from having an effect.",
    "endless-inhibition": """
        Give the rule an `until`, or say in `fulfilled_by` or `cancelled_by` what ends it. Of two
        warnings, let the one that suppresses listen for fewer events.""",
    "same-rule": "Remove one of the two, or make them differ.",
    "silent-repeat": """
        Give `due` an `until`, such as `end of day`: then each advice makes room for the next. Or
        write `again: restart`, so that each time the open one is said again. What ends the repeat
        itself is `cancelled_by`.""",
    "case-opens-and-closes": "Remove the event type from `opened_by` or from `closed_by`.",
    "extends-outside": """
        Put the ruleset into the same folder; or install it (`afterword rules install`) in a folder
        that `AFTERWORD_RULESETS` names, and extend it by its name.""",
    "extends-cycle": "Remove the `extends` of one of them.",
    "extends-too-deep": "Extend one that is further down in the chain.",
    "redefined": "Remove it, or move it into `override`.",
    "wrong-engine": "Install the version that is required, or widen `requires_engine`.",
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
