"""Values that are of the wrong type, not among those allowed, badly written, or too large or small."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from afterword.conditions import TEXT_TESTS
from afterword.document import items
from afterword.mistakes.keys import meant_joint
from afterword.mistakes.mends import (
    NO_FIXED_DATE,
    PHRASES,
    choice_mend,
    is_fixed_date,
    list_mend,
    moment_mend,
    pattern_mend,
    type_mend,
    value_mend,
    word_meant,
)
from afterword.mistakes.mistake import Finding, Mistake
from afterword.mistakes.placing import beside_its_list
from afterword.mistakes.words import KINDS, kind_of, quoted, shown
from afterword.respelling import Rewording
from afterword.wording import joined


def wrong_type(mistake: Mistake) -> Iterator[Finding]:
    """A value of another type than the schema wants."""
    word = meant_joint(mistake) if _is_list_of_mappings(mistake.instance) else None
    if word is not None:
        yield word
        return
    wanted = [mistake.wanted] if isinstance(mistake.wanted, str) else mistake.wanted
    kinds = joined([KINDS[kind] for kind in wanted], "or")
    message = f"{mistake.called()} must be {kinds}; this is {kind_of(mistake.instance)}."
    mend = mistake.schema.get("x-hint", "")
    yield mistake.finding("wrong-type", message, type_mend(mistake, wanted, mend))


def _is_list_of_mappings(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def not_one_of(mistake: Mistake) -> Iterator[Finding]:
    """A value that is none of those that may stand here."""
    values = mistake.wanted if mistake.keyword == "enum" else [mistake.wanted]
    written = shown(mistake.instance)
    mend = choice_mend(mistake, written, [shown(value) for value in values])
    finding = mistake.finding(
        "not-allowed", f"{mistake.called()} cannot be {quoted(mistake.instance)}.", mend
    )
    meant = word_meant(mistake, written, [value for value in values if isinstance(value, str)])
    stands_there = any(item.value == meant for item in items(mistake.parent))
    if meant is None or stands_there:
        yield finding
    else:
        yield Finding(finding.problem, finding.refused, Rewording(mistake.path, meant))


def bad_format(mistake: Mistake) -> Iterator[Finding]:
    """A text that is not written as the schema wants."""
    after = itertools.dropwhile(lambda key: key != mistake.name, mistake.parent.keys)
    following = next(itertools.islice(after, 1, None), None)
    loose = beside_its_list(mistake.parent, following) if following is not None else None
    if loose is not None:
        yield Finding(loose, mistake.node)
        return
    value, phrases = mistake.instance, PHRASES if "end of day" in mistake.wanted else ()
    mend = moment_mend(mistake) if phrases else ""
    if mistake.name == "at" and "repeat" not in mistake.path and is_fixed_date(value):
        mend = NO_FIXED_DATE
    word = word_meant(mistake, str(value), phrases) if phrases else None
    meant = Rewording(mistake.path, word) if word is not None else None
    if meant is not None:
        mend = f"did you mean `{word}`?"
    if not mend and mistake.wanted.startswith(r"^\$") and isinstance(value, str):
        mend = value_mend(mistake, value)
    mend = mend or list_mend(mistake, str(value)) or pattern_mend(mistake, str(value))
    finding = mistake.finding("bad-format", f"{mistake.called()} cannot be {quoted(value)}.", mend)
    yield Finding(finding.problem, finding.refused, meant)


def out_of_range(mistake: Mistake) -> Iterator[Finding]:
    """A value beyond a limit: too small or large, too short or long, too few or many."""
    limit = mistake.wanted
    if mistake.keyword == "minProperties" and mistake.node.keys:
        return  # what stands there could not be read, and that has been told
    sentence = (
        "may not be empty" if mistake.keyword == "minItems" and limit == 1 else _LIMITS[mistake.keyword]
    )
    sentence = sentence.format(limit=limit)
    # where a value can also be one word, the schema's hint is about how that is spelt
    mend = "name at least one" if mistake.keyword == "minItems" and "pattern" in mistake.schema else ""
    if mistake.keyword == "minLength" and not TEXT_TESTS.isdisjoint(mistake.path[-2:]):
        mend = "write what to look for in the text, or `exists: true` for any text"
    yield mistake.finding("out-of-range", f"{mistake.called()} {sentence}.", mend)


def twice(mistake: Mistake) -> Iterator[Finding]:
    """An item that a list has already."""
    seen: list[object] = []
    items = mistake.node.value if isinstance(mistake.node.value, tuple) else ()
    for item in items:
        value = (isinstance(item.value, bool), item.data())
        if value in seen:
            message = f"{quoted(item.data())} stands twice in this list."
            yield mistake.remark(item.place(), "duplicate-item", message, "remove one of them")
        seen.append(value)


def misplaced(mistake: Mistake) -> Iterator[Finding]:
    """A key that another one rules out."""
    code = mistake.schema.get("x-code", "not-allowed")
    yield mistake.finding(code, f"{mistake.called()} may not stand here.", place=mistake.key_place())


def not_together(mistake: Mistake) -> Iterator[Finding]:
    """Keys of which only one may stand here."""
    names = joined([f"`{name}`" for name in mistake.node.keys], "and")
    yield mistake.finding("not-allowed", f"{names} exclude each other.")


_LIMITS = {
    "minimum": "must be at least {limit}",
    "maximum": "must be at most {limit}",
    "minLength": "may not be empty",
    "maxLength": "may be at most {limit} characters long",
    "minItems": "needs at least {limit} items",
    "maxItems": "may have at most {limit} items",
    "minProperties": "may not be empty",
}
"""By JSON Schema keyword."""
