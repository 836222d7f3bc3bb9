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
}


def explanation(code: str) -> str:
    """The paragraph that explains a code."""
    return " ".join(CODES[code].split())
