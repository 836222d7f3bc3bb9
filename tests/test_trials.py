"""Tests beside rules: what can be expected, and what is said when it does not come true (S30)."""

from __future__ import annotations

import functools
from textwrap import dedent, indent

import pytest

from afterword.build import build
from afterword.problem import Problem
from afterword.source import Node
from afterword.trial_files import read_trials
from afterword.trials import Factory, Failure, Runner
from afterword.yaml_tree import parse
from timeline import PRELUDE

RULES = """
    - id: call
      kind: recommendation
      when: {event: interview.ended}
      due: {from: {field: event.time, plus: $patience}, until: {plus: 3 days}}
      fulfilled_by: {event: call.made}
      message: Call {case.company}.
    - id: each-call
      kind: recommendation
      when: {event: interview.ended, where: {purpose: each}}
      again: each
      due: {from: event.time, until: {plus: 1 day}}
      message: Call.
    - id: wordy
      kind: warning
      severity: high
      when: {event: message.drafted, where: {text: {mentions: [forgot, should have]}}}
      cooldown: 1 day
      message: Leave out {matched}.
    - id: sketch
      kind: warning
      status: draft
      when: {event: message.sent}
      message: A draft rule.
"""
INTERVIEW = (
    '{type: interview.ended, time: "2026-03-02T15:00:00+00:00", id: e1, case: acme, data: {company: Acme}}'
)


def factory() -> Factory:
    node = tree(PRELUDE + "rules:\n" + indent(dedent(RULES), "  "))
    return functools.partial(build, node)


def tree(text: str) -> Node:
    node, problems = parse(text, "tests.yaml")
    assert node is not None and not problems
    return node


def file(rule: str, events: list[str], *expected: str, more: str = "") -> str:
    lines = ["tests: afterword/1", "cases:", "  - name: A test", f"    rule: {rule}"]
    lines += [f"    {more}"] * bool(more) + ["    events:"] + [f"      - {event}" for event in events]
    lines += ["    expect:"] + [f"      - {expectation}" for expectation in expected]
    return "\n".join(lines).replace("    events:\n    expect:", "    events: []\n    expect:")


def failures(rule: str, events: list[str], *expected: str, more: str = "") -> list[Failure]:
    trials, problems = read_trials(tree(file(rule, events, *expected, more=more)), factory())
    assert problems == []
    return [failure for trial in trials for failure in Runner(factory(), "plain").run(trial)]


def only(rule: str, events: list[str], expected: str) -> Failure:
    (failure,) = failures(rule, events, expected)
    return failure


def drafted(time: str, text: str) -> str:
    return f'{{type: message.drafted, time: "2026-03-{time}:00+00:00", case: acme, data: {{text: "{text}"}}}}'


# --- what can be expected


def test_s30_the_state_of_a_rule_at_each_moment_of_event_time() -> None:
    assert not failures(
        "call",
        [INTERVIEW, '{type: call.made, time: "2026-03-10T09:00:00+00:00", case: acme}'],
        '{at: "2026-03-02T14:59:59+00:00", state: none}',
        '{at: "2026-03-02T15:00:00+00:00", state: scheduled, from: "2026-03-09T15:00:00+00:00"}',
        '{at: "2026-03-09T15:00:00+00:00", state: due, until: "2026-03-12T23:00:00+08:00"}',
        '{at: "2026-03-10T09:00:00+00:00", state: fulfilled, case: acme, subject: me, message: Call Acme.}',
    )


def test_s30_events_may_stand_in_any_order_and_none_is_needed() -> None:
    later = '{type: call.made, time: "2026-03-10T09:00:00+00:00", case: acme}'
    assert not failures("call", [later, INTERVIEW], '{at: "2026-03-10T09:00:00+00:00", state: fulfilled}')
    assert not failures("call", [], '{at: "2026-03-10T09:00:00+00:00", state: none}')


def test_s30_a_deadline_at_the_moment_has_passed_and_events_at_the_moment_count() -> None:
    events = [INTERVIEW, '{type: call.made, time: "2026-03-12T15:00:00+00:00", case: acme}']
    assert not failures("call", events, '{at: "2026-03-12T15:00:00+00:00", state: missed}')


def test_s30_params_are_set_for_one_test() -> None:
    expected = '{at: "2026-03-03T15:00:00+00:00", state: due, from: "2026-03-03T15:00:00+00:00"}'
    assert not failures("call", [INTERVIEW], expected, more="set: {patience: 1 day}")
    assert failures("call", [INTERVIEW], expected)


def test_s30_what_a_warning_says_matches_and_is_caused_by() -> None:
    events = [INTERVIEW, drafted("02T15:00", "I forgot, and should have"), drafted("02T16:00", "I forgot")]
    assert not failures(
        "wordy",
        events,
        '{at: "2026-03-02T15:00:00+00:00", state: raised, matched: [forgot, should have], severity: high}',
        '{at: "2026-03-02T15:30:00+00:00", state: raised, says: [forgot, "Leave out"], times: 1}',
        '{at: "2026-03-02T16:00:00+00:00", state: suppressed, cause: wordy}',
    )


def test_s30_a_bound_that_is_null_is_not_known() -> None:
    failure = only("call", [INTERVIEW], '{at: "2026-03-02T15:00:00+00:00", state: scheduled, until: null}')
    assert failure.differences == ("until is 2026-03-12T15:00:00+00:00",)


def test_s30_of_advices_that_changed_at_one_instant_any_may_be_meant() -> None:
    events = [
        f'{{type: interview.ended, time: "2026-03-02T15:00:00+00:00", case: {case}, data: {{purpose: each}}}}'
        for case in ("acme", "bolt")
    ]
    at = 'at: "2026-03-02T15:00:00+00:00", state: due'
    assert not failures(
        "each-call", events, f"{{{at}, case: acme}}", f"{{{at}, case: bolt}}", f"{{{at}, times: 2}}"
    )


def test_s30_draft_rules_can_be_tested() -> None:
    sent = '{type: message.sent, time: "2026-03-02T15:00:00+00:00", case: acme}'
    assert not failures("sketch", [sent], '{at: "2026-03-02T15:00:00+00:00", state: raised}')


# --- what a failure says


def test_s30_a_failure_tells_what_was_expected_and_in_what_it_differs() -> None:
    failure = only(
        "call", [INTERVIEW], '{at: "2026-03-02T15:00:00+00:00", state: due, says: Bolt, severity: low}'
    )
    assert str(failure.expectation).startswith("call is due at 2026-03-02T15:00:00+00:00, ")
    assert failure.differences == ("it is scheduled", 'says is "Call Acme."', 'severity is "medium"')


def test_s30_a_failure_lists_what_the_rule_said_until_then() -> None:
    failure = only("call", [INTERVIEW], '{at: "2026-03-09T16:00:00+00:00", state: missed}')
    assert [line.split("  ")[1] for line in failure.got] == ["scheduled", "due"]
    assert "made by e1" in "\n".join(failure.why)


def test_s30_a_failure_tells_why_a_rule_kept_quiet() -> None:
    failure = only(
        "wordy", [drafted("02T15:00", "Hello")], '{at: "2026-03-02T15:00:00+00:00", state: raised}'
    )
    assert failure.got == ()
    why = "\n".join(failure.why)
    assert "its conditions did not hold" in why
    assert 'text mentions forgot or "should have": it is Hello' in why


def test_s30_a_failure_tells_when_nothing_came_that_the_rule_waits_for() -> None:
    failure = only("wordy", [INTERVIEW], '{at: "2026-03-02T15:00:00+00:00", state: raised}')
    assert failure.why == ("by then the rule had been held against no event; it waits for message.drafted",)


def test_p6_s30_a_failure_tells_what_did_not_come_to_end_an_advice() -> None:
    failure = only("call", [INTERVIEW], '{at: "2026-03-10T15:00:00Z", state: fulfilled}')
    assert "  while it was open, no event came that can end it (call.made)" in failure.why


def test_s30_a_failure_tells_that_the_rule_should_have_been_silent() -> None:
    failure = only("call", [INTERVIEW], '{at: "2026-03-02T15:00:00+00:00", state: none}')
    assert failure.differences == ("it is scheduled",)
    assert "call is silent at" in str(failure)


def test_s30_a_failure_tells_how_often_it_happened() -> None:
    failure = only("call", [INTERVIEW], '{at: "2026-03-09T15:00:00+00:00", state: due, times: 2}')
    assert failure.differences == ("it was due once",)


def test_s30_a_failure_shows_only_the_last_of_many_transitions() -> None:
    events = [
        f'{{type: message.sent, time: "2026-03-02T15:{minute:02}:00+00:00", case: acme}}'
        for minute in range(30)
    ]
    failure = only("sketch", events, '{at: "2026-03-02T16:00:00+00:00", state: suppressed}')
    assert failure.got[0] == "(18 earlier ones)"
    assert len(failure.got) == 13


# --- mistakes in a file of tests: «…» marks the word that the problem points at

MISTAKES = {
    "unknown-rule": file("«cal»", [], '{at: "2026-03-02T15:00:00+00:00", state: none}'),
    "unknown-rule as cause": file(
        "call", [], '{at: "2026-03-02T15:00:00+00:00", state: suppressed, cause: «cal»}'
    ),
    "missing-key no rule": file("call", [], '«{at: "2026-03-02T15:00:00+00:00", state: none}»').replace(
        "    rule: call\n", ""
    ),
    "missing-key no at": file("call", [], "«{state: due}»"),
    "not-allowed unknown state": file("call", [], '{at: "2026-03-02T15:00:00+00:00", state: «du»}'),
    "bad-format": file("call", [], "{at: «2026-03-02», state: none}"),
    "bad-date": file("call", [], '{at: «"2026-02-30T15:00:00+00:00"», state: none}'),
    "bad-date of a bound": file(
        "call", [], '{at: "2026-03-02T15:00:00+00:00", state: due, until: «"2026-03-02T25:00:00+00:00"»}'
    ),
    "impossible-state of a warning": file("wordy", [], '{at: "2026-03-02T15:00:00+00:00", state: «due»}'),
    "impossible-state of a recommendation": file(
        "call", [], '{at: "2026-03-02T15:00:00+00:00", state: «raised»}'
    ),
    "not-allowed with none": file("call", [], '{at: "2026-03-02T15:00:00+00:00", state: none, «says»: x}'),
    "unknown-key": file("call", [], '{at: "2026-03-02T15:00:00+00:00", state: none, «saying»: x}'),
    "unknown-param": file(
        "call", [], '{at: "2026-03-02T15:00:00+00:00", state: none}', more="set: {«patienc»: 1 day}"
    ),
    "bad-duration": file(
        "call", [], '{at: "2026-03-02T15:00:00+00:00", state: none}', more="set: {patience: «5»}"
    ),
    "bad-event": file(
        "call",
        ['{type: call.made, time: «"2026-02-30T15:00:00+00:00"»}'],
        '{at: "2026-03-02T15:00:00+00:00", state: none}',
    ),
    "bad-event zone": file(
        "call",
        ['{type: call.made, time: "2026-02-03T15:00:00+00:00", timezone: «Nowhere»}'],
        '{at: "2026-03-02T15:00:00+00:00", state: none}',
    ),
    "unknown-event": file(
        "call",
        ['{type: «call.mad», time: "2026-03-02T15:00:00+00:00"}'],
        '{at: "2026-03-02T15:00:00+00:00", state: none}',
    ),
    "unknown-event that only the engine says": file(
        "call",
        ['{type: «advice.due», time: "2026-03-02T15:00:00+00:00"}'],
        '{at: "2026-03-02T15:00:00+00:00", state: none}',
    ),
    "unknown-field": file(
        "call",
        ['{type: call.made, time: "2026-03-02T15:00:00+00:00", data: {«compani»: Acme}}'],
        '{at: "2026-03-02T15:00:00+00:00", state: none}',
    ),
    "wrong-value": file(
        "call",
        ['{type: call.made, time: "2026-03-02T15:00:00+00:00", data: {company: «7»}}'],
        '{at: "2026-03-02T15:00:00+00:00", state: none}',
    ),
}
WARNINGS = {"unknown-event", "unknown-field", "wrong-value"}


def marked(text: str) -> tuple[str, int, int]:
    before = text[: text.index("«")]
    return text.replace("«", "").replace("»", ""), before.count("\n") + 1, len(before) - before.rfind("\n")


def problems_of(text: str, made: Factory | None) -> tuple[int, list[Problem]]:
    trials, problems = read_trials(tree(text), made)
    return len(trials), problems


@pytest.mark.parametrize("name", MISTAKES)
def test_s30_a_mistake_in_a_test_is_named_at_its_word(name: str) -> None:
    text, line, column = marked(MISTAKES[name])
    trials, (problem,) = problems_of(text, factory())
    code = name.partition(" ")[0]
    assert (problem.code, problem.line, problem.column) == (code, line, column), str(problem)
    assert problem.severity == ("warning" if code in WARNINGS else "error")
    assert trials == (1 if code in WARNINGS else 0)


def test_s30_a_field_beside_the_type_of_an_event_belongs_into_its_data() -> None:
    event = '{type: call.made, time: "2026-03-02T15:00:00+00:00", with_whom: Jo}'
    _, (problem,) = problems_of(
        file("call", [event], '{at: "2026-03-02T15:00:00+00:00", state: none}'), factory()
    )
    assert problem.hint == "the fields of an event stand in its `data`: `data: {with_whom: …}`"


@pytest.mark.parametrize("word", ["after", "time", "when"])
def test_s30_another_word_for_the_moment_is_told_that_it_is_at(word: str) -> None:
    text = file("call", [], f'{{{word}: "2026-03-02T15:00:00+00:00", state: none}}')
    _, (problem,) = problems_of(text, factory())
    assert problem.hint == "did you mean `at`?"


def test_s30_every_mistake_is_named_at_once() -> None:
    text = file(
        "call", ["{type: call.made, time: now}", "{time: 1}"], "{state: du}", '{at: "x", state: due, q: 1}'
    )
    _, problems = problems_of(text, factory())
    assert len(problems) == 7


def test_s30_the_same_name_twice_is_a_mistake() -> None:
    text = file("call", [], '{at: "2026-03-02T15:00:00+00:00", state: none}')
    doubled = text + text[text.index("\n  - name") :]
    _, (problem,) = problems_of(doubled, factory())
    assert (problem.code, problem.line) == ("duplicate-test", 8)


def test_s30_without_a_ruleset_names_go_unchecked() -> None:
    text = file("nobody", ["{type: x, time: now}"], '{at: "2026-03-02T15:00:00+00:00", state: none}')
    _, (problem,) = problems_of(text, None)
    assert problem.code == "bad-format"


def test_s30_params_that_only_together_are_wrong_share_the_blame() -> None:
    def made(settings: object) -> tuple[None, list[Problem]] | object:
        good = factory()({})
        return (None, [Problem("settings", 0, 0, "bad-setting", "Too much.")]) if len(settings) > 1 else good  # type: ignore[arg-type]

    text = file(
        "call", [], '{at: "2026-03-02T15:00:00+00:00", state: none}', more="set: {patience: 1 day, other: 2}"
    )
    _, (problem,) = problems_of(text, made)  # type: ignore[arg-type]
    assert (problem.code, problem.line, problem.column) == ("bad-setting", 5, 10)


@pytest.mark.parametrize("text", ["[]", "x", "null", "{}", "tests: 1", "{tests: afterword/1, cases: {}}"])
def test_s30_what_is_no_file_of_tests_is_told_and_not_run(text: str) -> None:
    trials, problems = problems_of(text, factory())
    assert trials == 0
    assert problems
