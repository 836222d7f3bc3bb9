"""The value that a test compares with: a literal, `$name` or `{field: path}`, checked against the field (S14, S15)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from afterword.building.context import Context
from afterword.building.references import Reach
from afterword.building.settings import UNKNOWN
from afterword.building.values import (
    ANY,
    NAMES,
    Mismatch,
    mismatch,
    no_moment,
    same_kind,
    without_sign,
)
from afterword.calendar_tests import WHOLE_DAY
from afterword.dates import WEEKDAYS, as_date
from afterword.document import is_whole, items, text
from afterword.duration import Duration
from afterword.mistakes.days import days_in, written
from afterword.mistakes.words import shown
from afterword.ruleset import FieldType
from afterword.source import Node
from afterword.suggest import hint
from afterword.text import BadPattern, regex
from afterword.values import is_number, items_of

NUMBER = FieldType("number")
TEXT = FieldType("string")
WEEKDAY = FieldType("string", enum=WEEKDAYS)


@dataclass(frozen=True, slots=True)
class Tested:
    """The value that a test is about: its type, what sentences call it, and what can be seen where the test stands."""

    type: FieldType
    reach: Reach
    called: str

    def item(self) -> Tested:
        """An item of the value, which is an array."""
        return Tested(self.type.items or ANY, self.reach, f"an item of {self.called}")

    def of(self, type_: FieldType) -> Tested:
        """The same value, if it is of this type."""
        return replace(self, type=type_)


def one(ctx: Context, node: Node, tested: Tested, several: str = "write `in: {}`") -> object:
    """A single value of the tested type, or the `Ref` of one; `several` is the mend for the name of a list."""
    if isinstance(node.value, dict):
        return _reference(ctx, node, tested, (tested.type.type,))
    value = ctx.settings.meaning(node)
    if value is None and node.text == "" and tested.type.type:
        message = f"There is nothing to compare {tested.called} with."
        mend = "write a value, `{exists: false}` for a field that is missing, or `null`"
        ctx.report.error(node, "wrong-operand", message, mend)
    elif isinstance(value, tuple):
        message = f"`{node.value}` is a list; this test takes one value."
        ctx.report.error(node, "wrong-operand", message, several.format(node.value))
    elif value is not UNKNOWN:
        _check(ctx, node, value, tested)
        _warn_of_sign(ctx, node, tested.type)
    return value


def _warn_of_sign(ctx: Context, node: Node, wanted: FieldType) -> None:
    """A comparison written with a sign is a text that nothing ever equals."""
    meant = without_sign(node.value) if isinstance(node.value, str) and wanted.enum is None else ""
    if meant and wanted.type == "string":
        message = f"This looks for the very text `{node.value}`."
        ctx.report.warn(node, "wrong-operand", message, f"did you mean `{meant}`?")


def many(ctx: Context, node: Node, tested: Tested) -> object:
    """Several values of the tested type, or the `Ref` of an array of them."""
    wanted = tested.type
    if isinstance(node.value, dict):
        return _reference(ctx, node, tested, ("array",), wanted)
    values: list[object] = []
    for item in items(node):
        value = ctx.settings.meaning(item)
        if value is UNKNOWN:
            continue
        several = value if isinstance(value, tuple) else (value,)
        values += several
        named = str(item.value), wanted.type, wanted.enum
        if isinstance(value, tuple) and named in ctx.settings.fitting:
            continue
        errors = ctx.report.errors
        wrong = next((each for each in several if _mismatched(each, wanted)), None)
        if wrong is not None and _blames_item(ctx, item, several, wrong, tested):
            continue
        for each in several if wrong is None else (wrong,):
            _check(ctx, item, each, tested, listed=item is not node)
        if isinstance(value, tuple) and ctx.report.errors == errors:
            ctx.settings.fitting.add(named)
    whole = ctx.settings.meaning(node) if isinstance(node.value, str) else None
    return whole if isinstance(whole, tuple) else tuple(values)  # a list that many rules use is there once


def _blames_item(
    ctx: Context, node: Node, several: tuple[object, ...], wrong: object, tested: Tested
) -> bool:
    """Whether the mistake is in the item of a list that `node` names, and told there: the other items fit."""
    blamed = ctx.settings.item(str(node.value), wrong)
    if blamed is None:
        return False
    problem = mismatch(wrong, tested.type, tested.called)
    means_day = tested.type is WEEKDAY and isinstance(wrong, str) and days_in(wrong)
    if not means_day and all(_mismatched(each, tested.type) for each in several):
        return False
    if problem is not None and problem.code == "unknown-value":
        ctx.report.error(blamed, *_of_days(problem, wrong, tested.type))
        return True
    kind = NAMES[tested.type.type]
    mend = f'put it in quotes: `"{blamed.text}"`' if tested.type.type == "string" else ""
    if tested.type.enum is not None and shown(wrong) not in tested.type.enum:
        mend = hint(shown(wrong), map(shown, tested.type.enum), "it is one of")
    ctx.report.error(blamed, "wrong-operand", f"`{shown(wrong)}` is not {kind} like the other items.", mend)
    return True


def _of_days(problem: Mismatch, value: object, wanted: FieldType) -> Mismatch:
    """The same, with the days of the week that a word means which is no name of one."""
    days = days_in(value) if wanted is WEEKDAY and isinstance(value, str) else ()
    if not days:
        return problem
    meant = "write each day by itself: " if len(days) > 1 else "did you mean "
    return problem._replace(hint=f"{meant}`{', '.join(days)}`" + ("" if len(days) > 1 else "?"))


def texts(ctx: Context, node: Node, tested: Tested, of_words: bool = False) -> object:
    """One text or several, or the `Ref` of one or several; `of_words`: blanks alone are nothing to look for."""
    if isinstance(node.value, dict):
        return _reference(ctx, node, tested, ("string", "array"), TEXT)
    found = many(ctx, node, tested.of(TEXT))
    for item in items(node):
        _refuse_empty(ctx, item, of_words)
    single = isinstance(found, tuple) and len(found) == 1 and not isinstance(node.value, tuple)
    return found[0] if single and isinstance(found, tuple) else found


def _refuse_empty(ctx: Context, node: Node, of_words: bool) -> None:
    """An empty text is part of every text, and mentioned in none; a param may be left empty by those who set it."""
    if not isinstance(node.value, str):
        return
    meaning = ctx.settings.meaning(node)
    checked = node.value, "words" if of_words else "text", None
    if isinstance(meaning, tuple) and checked in ctx.settings.fitting:
        return
    for value in meaning if isinstance(meaning, tuple) else (node.value,):
        if isinstance(value, str) and not (value.strip() if of_words else value):
            item = ctx.settings.item(node.value, value) if isinstance(meaning, tuple) else None
            mend = "write what to look for in the text, or `exists: true` for any text"
            mend = "remove it from the list" if item is not None else mend
            ctx.report.error(item or node, "out-of-range", "This is nothing to look for in a text.", mend)
    ctx.settings.fitting.add(checked)


def number(ctx: Context, node: Node, tested: Tested) -> object:
    """A number, or the `Ref` of one."""
    return one(ctx, node, tested.of(NUMBER), "name a param that holds a number")


def moment(ctx: Context, node: Node, tested: Tested) -> object:
    """A date or a time, whichever the field holds: the two can be compared."""
    if isinstance(node.value, dict):
        return _reference(ctx, node, tested, ("date", "datetime"))
    value = ctx.settings.meaning(node)
    if value is UNKNOWN:
        return value
    wanted = FieldType("date" if as_date(value) else "datetime")
    problem = mismatch(value, wanted, tested.called)
    if problem is not None and isinstance(value, str):
        problem = no_moment(value)
    _judge(ctx, node, value, tested.of(wanted), problem)
    return value


def pair(ctx: Context, node: Node, tested: Tested) -> object:
    """The two ends of `between`."""
    end = Tested(NUMBER, Reach(None), tested.called)
    read = moment if tested.type.type in ("date", "datetime") else one
    found = [read(ctx, item, end) for item in items(node)]
    if len(found) == 2 and _backwards(found[0], found[1]):
        message = f"Nothing lies between {shown(found[0])} and {shown(found[1])}."
        ctx.report.error(node, "empty-range", message, f"write `[{shown(found[1])}, {shown(found[0])}]`")
    return tuple(found)


def weekdays(ctx: Context, node: Node, tested: Tested) -> object:
    """The names of some days of the week; of all of them, if it is not known which, so that nothing follows."""
    found = items_of(many(ctx, node, Tested(WEEKDAY, tested.reach, "a weekday")))
    if not found or not all(name in WEEKDAYS for name in found):
        return WEEKDAYS
    return found if len(set(found)) == len(found) else tuple(dict.fromkeys(found))


def hours(ctx: Context, node: Node, _: Tested) -> tuple[str, str]:
    """From when until when on the clock; what is left out is the beginning or the end of the day."""
    start, end = (text(node, key) or usual for key, usual in zip(("from", "until"), WHOLE_DAY, strict=True))
    if start == end:
        message = f"From {start} until {end} is all of a day, or nothing of it."
        mend = "leave out `until` for the rest of the day, or the test for all of it"
        ctx.report.error(node, "empty-range", message, mend)
    elif (start, end) == WHOLE_DAY and is_whole(node):
        message = f"From {start} until the end of the day is all of a day."
        mend = "add `until` for a part of it, or write `exists: true` instead"
        ctx.report.error(node, "empty-range", message, mend)
    return start, end


def pattern(ctx: Context, node: Node, _: Tested) -> object:
    """A regular expression that runs in linear time."""
    value = ctx.settings.meaning(node)
    if isinstance(value, str):
        found = regex(value)
        if isinstance(found, BadPattern):
            ctx.report.error(node, "bad-regex", found.reason)
    elif value is not UNKNOWN:
        ctx.report.error(node, "wrong-operand", f"`{node.value}` is no text.", "write a regular expression")
    return value


def _mismatched(value: object, wanted: FieldType) -> bool:
    return isinstance(value, Duration) or mismatch(value, wanted, "") is not None


def _check(ctx: Context, node: Node, value: object, tested: Tested, listed: bool = False) -> None:
    if isinstance(value, Duration):
        message = f"`{node.value}` is a length of time; no field holds one."
        ctx.report.error(node, "wrong-operand", message, "use it where a duration stands, such as `within`")
        return
    problem = mismatch(value, tested.type, tested.called)
    if problem is not None and problem.code == "wrong-operand" and value != node.value:
        mend = f"it comes from `{node.value}`; name one that holds {NAMES[tested.type.type]}"
        problem = problem._replace(hint=mend)
    _judge(ctx, node, value, tested, problem, listed)


def _judge(
    ctx: Context, node: Node, value: object, tested: Tested, problem: Mismatch | None, listed: bool = False
) -> None:
    """Tells the problem, if there is one, and what may be meant by the value besides."""
    if value == node.value and isinstance(value, str) and ctx.references.knows(value, tested.reach):
        mend = f"to compare with what `{value}` reads, write `{{field: {value}}}`"
        mend += " instead of the list" if listed else ""
        if problem is not None:
            problem = problem._replace(hint=mend)
        elif value not in (tested.type.enum or ()):
            message = f"`{value}` is taken for these very letters here."
            ctx.report.warn(node, "path-as-text", message, mend)
    if problem is None and tested.type.enum is None and value == node.value and "_" in str(value):
        _warn_of_name(ctx, node, str(value))
    if problem is None:
        ctx.report.names.use("value", shown(value))
    elif problem.code == "unknown-value":
        ctx.report.miss("value", shown(value), node, *_of_days(problem, value, tested.type))
    else:
        meant = ctx.settings.without_dollar(value) if isinstance(value, str) else ""
        if isinstance(value, str) and problem.code == "bad-date":
            meant = meant or _of_calendar(value)
        ctx.report.error(node, *(problem._replace(hint=meant) if meant else problem))


def _of_calendar(text: str) -> str:
    """That a day of the week is asked for by itself, where it stands among dates."""
    days = days_in(text)
    return (
        f"days of the week are no dates: a test of their own, `weekday: {written(days)}`, asks for them"
        if days
        else ""
    )


def _warn_of_name(ctx: Context, node: Node, name: str) -> None:
    """The name of a list or a param without its `$` is a text that nobody writes."""
    if ctx.settings.without_dollar(name):
        message = f"`{name}` is taken for these very letters here."
        ctx.report.warn(node, "path-as-text", message, f"did you mean `${name}`?")


def _reference(
    ctx: Context, node: Node, tested: Tested, wanted: tuple[str, ...], item: FieldType = ANY
) -> object:
    """The `Ref` of a value of one of the wanted types; of an array, the items are like `item`."""
    field = node.child("field")
    if field is None:
        return UNKNOWN
    ref, found = ctx.references.resolve(field, replace(tested.reach, wanted=tuple(filter(None, wanted))))
    kinds = " or ".join(NAMES[kind] for kind in wanted if kind)
    if not any(same_kind(found.type, kind) for kind in wanted):
        message = f"`{ref}` is {NAMES[found.type]}; {tested.called} is compared with {kinds}."
        ctx.report.error(field, "wrong-operand", message)
    elif found.type == "array" and found.items is not None and not same_kind(found.items.type, item.type):
        message = f"The items of `{ref}` are of another type: {NAMES[found.items.type]}."
        ctx.report.error(field, "wrong-operand", message)
    return ref


def _backwards(low: object, high: object) -> bool:
    if is_number(low) and is_number(high):
        return low > high  # type: ignore[operator, no-any-return]
    first, last = as_date(low), as_date(high)
    return first is not None and last is not None and first > last
