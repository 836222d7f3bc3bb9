"""Whatever stands in a file, it is a ruleset or problems, soon; and a ruleset can be used (P3, P4).

`AFTERWORD_FUZZ=50 pytest tests/test_fuzz_rules.py` tries fifty times as many examples.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword import layers
from afterword.build import build
from afterword.describe import as_text
from afterword.engine import Engine
from afterword.problem import Problem
from afterword.rim.mapping_files import read_mapping
from afterword.ruleset import FieldType, Ruleset
from afterword.trial_files import read_trials
from afterword.trials import Runner, Trial
from afterword.yaml_lines import LINE_BREAK
from afterword.yaml_tree import parse
from fuzz import MORE, SEEDS, as_yaml, noise, slips, structures
from mistakes import HEAD, document

Answer = tuple[object, list[Problem]]

OF_THE_WHOLE = {"too-large", "missing-file", "unknown-ruleset"}
"""Problems of a file as such; all others stand somewhere in it."""

LONGEST = 1.0
"""Seconds of the processor, whatever else the machine does meanwhile."""


def tries(count: int) -> Callable[..., Any]:
    return settings(
        max_examples=count * MORE, deadline=None, suppress_health_check=list(HealthCheck), print_blob=False
    )


@contextmanager
def soon() -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < LONGEST


@pytest.fixture(autouse=True, scope="module")
def warmed_up() -> None:
    """Modules are imported and schemas compiled before anything is measured."""
    for text in SEEDS["ruleset"]:
        use(check_ruleset(text))


# --- what is promised


def check_ruleset(text: str | bytes, home: Path | None = None) -> Ruleset | None:
    with soon():
        ruleset, problems = layers.of_text(text, "fuzz.yaml", home).build()
    sound_answer(text, ruleset, problems)
    return ruleset


def sound_answer(text: str | bytes, made: object, problems: Sequence[Problem]) -> None:
    """A thing and no error, or errors and no thing; each problem is in words and stands in the text."""
    assert bool(made) != any(problem.severity == "error" for problem in problems), problems
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    lines = LINE_BREAK.split(decoded.removeprefix("\ufeff"))
    for problem in problems:
        assert problem.message[:1].isupper() or problem.message[:1] in "`<", problem
        assert len(problem.message) + len(problem.hint) < 3000, problem
        if problem.code in OF_THE_WHOLE and not problem.line:
            continue
        assert problem.file == "fuzz.yaml", problem
        assert 1 <= problem.line <= len(lines), problem
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1, problem


VALUES: dict[str, Sequence[object]] = {
    "string": ("", "interview", "forgot to mention " * 3, "in_person"),
    "integer": (0, -1, 150, 2**62),
    "number": (0.5, -1e300, 7),
    "boolean": (True, False),
    "date": ("2026-03-09", "0001-01-01", "9999-12-31"),
    "datetime": ("2026-03-02T15:00:00+08:00", "9999-12-31T23:59:59Z"),
}
TIMES = (
    "2026-03-02T15:00:00+08:00",
    "2026-03-29T01:30:00+00:00",
    "2026-03-29T03:10:00+02:00",
    "2026-11-01T00:00:00Z",
)


def value(field: FieldType, number: int) -> object:
    if field.enum:
        return field.enum[number % len(field.enum)]
    if field.type == "array":
        return [value(field.items, n) for n in range(number)] if field.items else []
    if field.type == "object":
        return {name: value(each, number) for name, each in field.fields.items()}
    return VALUES[field.type][number % len(VALUES[field.type])]


def use(ruleset: Ruleset | None) -> None:
    """What loads can be read, compiled and run."""
    if ruleset is None:
        return
    with soon():
        for rule in ruleset.rules:
            assert as_text(rule)
        engine = Engine(ruleset, network="plain")
    said = []
    for number, time_ in enumerate(TIMES):
        for name, type_ in ruleset.events.items():
            data = {key: value(field, number) for key, field in type_.fields.items()}
            case = {"case": "acme"} if number % 3 else {}
            said += engine.feed({"type": name, "time": time_, "data": data, **case})
    said += engine.advance("2027-01-01T00:00:00Z")
    for transition in said[:20]:
        assert transition.message
        engine.explain(transition.advice)
    engine.agenda(at="2027-01-02T00:00:00Z")
    engine.snapshot()


# --- what is fed


@given(slips("ruleset"))
@tries(80)
def test_p3_a_ruleset_with_slips_is_a_ruleset_or_problems_in_it(text: str) -> None:
    use(check_ruleset(text))


@given(noise("ruleset"))
@tries(60)
def test_p4_bytes_are_problems_in_words(data: bytes) -> None:
    use(check_ruleset(data))


SECTIONS = {
    "rule": "rules:\n  - {}\n",
    "where": "rules:\n  - {{id: r, kind: warning, message: x, when: {{event: message.drafted, where: {}}}}}\n",
    "due": "rules:\n  - {{id: r, kind: recommendation, message: x, when: accepted, due: {}}}\n",
    "while": "rules:\n  - {{id: r, kind: warning, message: x, when: {{event: note.made}}, while: {}}}\n",
    "unless": "rules:\n  - {{id: r, kind: warning, message: x, when: {{event: note.made}}, unless: {}}}\n",
    "pattern": "patterns:\n  p: {}\n",
    "fields": "events:\n  a.b: {{fields: {}}}\n",
    "repeat": "rules:\n  - {{id: r, kind: recommendation, message: x, when: accepted, repeat: {}}}\n",
}


def with_section(part: str, data: object) -> str:
    """The sample ruleset with this data in the place that its schema is about."""
    section, _, rest = SECTIONS[part].partition("\n")
    whole = document()
    head = whole.index(f"\n{section}\n") + len(section) + 2
    return whole[:head] + rest.format(as_yaml(data)) + whole[head:]


@pytest.mark.parametrize("part", SECTIONS)
def test_p3_what_the_schema_allows_is_a_ruleset_or_problems_in_it(part: str) -> None:
    @given(structures("ruleset", part))
    @tries(25)
    def run(data: object) -> None:
        use(check_ruleset(with_section(part, data)))

    run()


@given(structures("ruleset", "", 2))
@tries(10)
def test_p3_a_whole_ruleset_that_the_schema_allows_has_an_answer(data: object) -> None:
    use(check_ruleset(as_yaml(data)))


def test_p3_an_override_that_the_schema_allows_has_an_answer(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(document(), encoding="utf-8")
    head = HEAD.replace("sample", "mine") + "extends: ./base.yaml\noverride: "

    @given(structures("ruleset", "override"))
    @tries(20)
    def run(data: object) -> None:
        use(check_ruleset(head + as_yaml(data) + "\n", tmp_path))

    run()


# --- mappings and tests


def check_mapping(text: str | bytes) -> None:
    with soon():
        mapping, problems = read_mapping(text, "fuzz.yaml")
    sound_answer(text, mapping, problems)


@given(st.one_of(slips("mapping"), noise("mapping"), structures("mapping", "").map(as_yaml)))
@tries(40)
def test_p3_a_mapping_is_read_or_has_problems(text: str | bytes) -> None:
    check_mapping(text)


LOANS, _ = parse(SEEDS["ruleset"][2], "loans.yaml")


def check_tests(text: str | bytes) -> list[Trial]:
    assert LOANS is not None
    with soon():
        node, problems = parse(text, "fuzz.yaml")
        trials: list[Trial] = []
        if node is not None:
            trials, found = read_trials(node, lambda settings: build(LOANS, settings))
            problems += found
    sound_answer(text, not any(problem.severity == "error" for problem in problems), problems)
    return trials


@given(st.one_of(slips("test"), noise("test"), structures("test", "").map(as_yaml)))
@tries(30)
def test_p3_a_file_of_tests_is_read_or_has_problems_and_what_is_read_can_be_run(text: str | bytes) -> None:
    assert LOANS is not None
    runner = Runner(lambda settings: build(LOANS, settings), "plain")
    for trial in check_tests(text)[:3]:
        runner.run(trial)
