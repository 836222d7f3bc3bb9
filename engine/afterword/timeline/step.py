"""What one event does: facts, spans, counts, the advice it ends, the advice it makes, and what follows from that."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from afterword import atoms
from afterword.atoms import MISSING, Scene, value
from afterword.conditions import EVENT_TIME, Ref
from afterword.dates import as_date
from afterword.program import SCOPES, Atom, CompiledRule, ScopePlan, TypePlan, Use, Uses, Wanted
from afterword.ruleset import Count, Scope
from afterword.timeline import gating, life
from afterword.timeline import happening as happenings
from afterword.timeline.happening import Happening
from afterword.timeline.state import NOTHING, TOLD, Advice, Cause, Counted, ScopeState, Series, Spot
from afterword.timeline.turn import Held, Observer, Outcome, Turn, advice_id
from afterword.values import canonical, dig, same

FOLLOW_UPS = 10_000
"""How many events of the engine's own one turn may bring: far above any sane ruleset, a stop for the others."""


def take(turn: Turn, event: Happening) -> None:
    """Takes an event and everything that follows from it at the same instant."""
    _take_one(turn, event)
    if turn.queue:
        follow(turn)


def follow(turn: Turn) -> None:
    """Takes the transitions made so far as the events they are (S23)."""
    for taken, event in enumerate(turn.queue):  # which grows while it is read
        if taken == FOLLOW_UPS:
            turn.note("runaway", event.type)
            break
        _take_one(turn, event)
    turn.queue.clear()


def _take_one(turn: Turn, event: Happening) -> None:
    plan = turn.program.plans.get(event.type)
    if plan is None:
        heed_zone(turn, event)
        return
    mask = plan.mask(event.data) if plan.by_field else 0
    if plan.event_atoms:
        mask |= _held(plan.event_atoms, turn.scene(turn.subject.own, event))
    if plan.may_mean_nothing and _means_nothing(turn, event, plan, mask):
        return
    scopes = _concerned(turn, event, plan)
    if plan.moves_state or event.zone is not None:
        for scope in scopes:
            _remember(turn, scope, event, plan)
    for scope in scopes:
        _run(turn, scope, event, plan, mask)


_UNASKED = TypePlan("", -1)
"""What the rules ask of a type that none of them names."""


def heed_zone(turn: Turn, event: Happening) -> None:
    """The time zone that an event names holds for its case and its person, though no rule asks for the event (S9)."""
    if event.zone is not None:
        for scope in _concerned(turn, event, _UNASKED):
            _remember(turn, scope, event, _UNASKED)


def _held(atoms: Iterable[Atom], scene: Scene) -> int:
    """The bits that the atoms set in a scene."""
    mask = 0
    for holds, fails, test in atoms:
        mask |= holds if test(scene) else fails
    return mask


def _means_nothing(turn: Turn, event: Happening, plan: TypePlan, mask: int) -> bool:
    """Whether the event's own values settle that no pattern holds in any scope, so that none has to be visited."""
    if event.zone is not None or turn.observer is not None:
        return False
    return not any(turn.program.uses(plan, scope, mask).any() for scope in SCOPES)


def take_in(turn: Turn, scope: ScopeState, event: Happening) -> None:
    """Takes an event that concerns this one scope alone: the passing of a day, told to each scope by itself."""
    plan = turn.program.plans[event.type]
    mask = plan.mask(event.data) | _held(plan.event_atoms, turn.scene(scope, event))
    _run(turn, scope, event, plan, mask)


def _concerned(turn: Turn, event: Happening, plan: TypePlan) -> list[ScopeState]:
    """The scopes that an event reaches: its case or, without one, every open case; and the subject (S5)."""
    cases = turn.subject.cases
    if event.case is None:
        reached = [cases[name] for name in sorted(cases) if cases[name].open]
    else:
        scope = cases.get(event.case)
        if scope is None:
            scope = cases[event.case] = ScopeState(case=event.case, open=False)
        if not scope.open:
            turn.touch(scope)  # perhaps nothing is left in it
        reached = [scope]
    if turn.program.clocked["case"]:
        for scope in reached:
            turn.touch(scope)
    if plan.concerns_subject or event.zone is not None:
        reached.append(turn.subject.own)
    return _told_news(turn, event, reached) if plan.tells_passing else reached


def _told_news(turn: Turn, event: Happening, scopes: list[ScopeState]) -> list[ScopeState]:
    """The scopes to which a passing is news; where its case knew of it, nothing has happened."""
    news: list[ScopeState] = []
    for scope in scopes:
        if scope.case is None and event.case is not None and not news:
            break
        if _fresh(turn, scope, event):
            news.append(scope)
    return news


def _fresh(turn: Turn, scope: ScopeState, event: Happening) -> bool:
    """Whether the event tells this scope anything new: a passing that the clock told already does not (S6)."""
    if event.type == "day.passed":
        return _new_day(turn, scope, event)
    fact = event.type.removesuffix(".passed")
    if fact == event.type or fact not in turn.program.passed_facts[life.kind(scope)]:
        return True
    date = event.data.get("date") or scope.facts.get(fact)
    if not isinstance(date, str):
        return True
    if scope.passed.get(fact) == date:
        turn.note("doubled", event.ref)
        return False
    if life.remembers(scope):
        scope.passed = {**scope.passed, fact: date}
    return True


def _new_day(turn: Turn, scope: ScopeState, event: Happening) -> bool:
    days = turn.days[turn.zone(scope, event.zone)]
    date = as_date(event.data.get("date"))
    if date is None:
        date = days.date_of(days.align(event.time, "start of day") - 1)
    day = date.isoformat()
    if scope.day is not None and scope.day >= day:
        turn.note("doubled", event.ref)
        return False
    scope.day = day
    return True


def _remember(turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan) -> None:
    """The case opens or closes, and facts take their latest values; windows hanging on them move."""
    before = None
    if scope.case is None:
        facts = plan.subject.facts
        if turn.program.clocked["case"]:
            before = turn.zone(scope)
    else:
        facts = plan.case.facts
        if plan.opens and not scope.open and event.case is not None:
            scope.open, scope.opened = True, event.time
            turn.subject.open_cases += 1
        elif plan.closes and scope.open:
            scope.open = False
            turn.subject.open_cases -= 1
    if event.zone is not None:
        scope.zone = event.zone  # the case's, and the latest that this person has named anywhere
    if facts:
        _update_facts(turn, scope, event, life.kind(scope), facts)
    if before is not None and turn.zone(scope) != before:
        _move_midnights(turn)


def _move_midnights(turn: Turn) -> None:
    """The person is somewhere else, and with them each case that has no time zone of its own."""
    for scope in turn.subject.cases.values():
        if scope.zone is None:
            turn.touch(scope)


_ITS_TIME = (EVENT_TIME.root, *EVENT_TIME.path)
"""The path of a fact that remembers when its event happened."""


def _update_facts(
    turn: Turn, scope: ScopeState, event: Happening, kind: Scope, facts: Iterable[tuple[str, tuple[str, ...]]]
) -> None:
    changed: list[str] = []
    for name, path in facts:
        if path == _ITS_TIME:
            told: object = turn.local_text(event.time, turn.zone(scope, event.zone))
        else:
            told = dig(event.data, path)
        if told is MISSING or same(told, scope.facts.get(name)):
            continue
        scope.facts = {key: each for key, each in scope.facts.items() if key != name}
        if told is not None:
            scope.facts[name] = told
        scope.told_by = {**scope.told_by, name: event.ref}
        changed.append(name)
    for name in changed:
        if name in turn.program.moves[kind]:
            _move_windows(turn, scope, Ref(kind, (name,)), event)


def _move_windows(turn: Turn, scope: ScopeState, fact: Ref, event: Happening) -> None:
    places = [scope]
    if scope.case is None:
        places += [turn.subject.cases[name] for name in sorted(turn.subject.cases)]
    for place in places:
        for rule, advice in life.opened(turn, place):
            if any(ref.root == fact.root and ref.path[0] == fact.path[0] for ref in rule.hangs_on):
                life.move(turn, place, rule, advice, fact, event.ref)


def _run(turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int) -> None:
    """Everything the event does in one scope, in the order the language lays down."""
    if turn.observer is not None:
        turn.observer.arrived(turn, scope, event)
    scoped = plan.subject if scope.case is None else plan.case
    if not scoped.idle:
        _carry_out(turn, scope, event, plan, scoped, mask)
    if plan.closes and not scope.open:
        life.close(turn, scope, event.ref)


def _carry_out(
    turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, scoped: ScopePlan, mask: int
) -> None:
    """Does what the patterns are for that hold for the event in this scope."""
    scene = turn.scene(scope, event)
    if plan.by_fact:
        mask |= plan.facts_mask(scene)
    if plan.scope_atoms:
        mask |= _held(plan.scope_atoms, scene)
    uses = turn.program.uses_of(plan, scoped, mask)
    remembers = life.remembers(scope)
    if remembers:
        if uses.closes_span or uses.opens_span:
            _note_spans(scope, event, uses)
        if uses.counts:
            _note_counts(scope, event, uses.counts, scene)
    if (uses.fulfils or uses.cancels) and (scope.advices or scope.missed or scope.series):
        _finish(turn, scope, event, plan, mask, uses)
    if uses.triggers:
        _trigger(turn, scope, event, uses, scene)
    if turn.observer is not None:
        _tell_of_the_others(turn, turn.observer, scope, event, scoped, uses)
    if uses.looks and remembers:
        scope.last = scope.last or {}
        for use in uses.looks:
            scope.last[use.key] = event.time


def _note_spans(scope: ScopeState, event: Happening, uses: Uses) -> None:
    for use in uses.closes_span:
        scope.spans.pop(use.key, None)
    if uses.opens_span:
        scope.spans = scope.spans or {}
        for use in uses.opens_span:
            scope.spans[use.key] = event.time


def _note_counts(scope: ScopeState, event: Happening, uses: Iterable[Use], scene: Scene) -> None:
    for use in uses:
        assert use.quota is not None, use.key
        value_text = None
        if use.quota.distinct is not None:
            found = value(use.quota.distinct, scene)
            if found is MISSING:
                continue
            value_text = happenings.content_digest({"value": canonical(found)})
        scope.counts = scope.counts or {}
        counted = scope.counts.setdefault(use.key, [])
        counted.append(Counted(event.time, event.ref, value_text))


def _in_window(turn: Turn, scope: ScopeState, key: str, count: Count, zone: str) -> list[Counted]:
    """The events still in the sliding window; those that it has passed are forgotten (S16)."""
    counted = scope.counts.get(key, [])
    days = turn.days[zone]
    while counted and days.add(counted[0].time, count.within) <= turn.now:
        counted.pop(0)
    return counted


def _size(counted: list[Counted], count: Count) -> int:
    return len(counted) if count.distinct is None else len({each.value for each in counted})


def _finish(turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int, uses: Uses) -> None:
    """Ends the open advices that the event fulfils or makes moot."""
    for use in uses.fulfils:
        rule = turn.program.rules[use.rule]
        for advice in _of_rule(scope, rule):
            if advice.state != "dismissed" and _applies(turn, scope, event, plan, mask, use, advice.seen):
                life.fulfil(turn, scope, rule, advice, event.ref)
        for key in _missed(scope, rule):
            if _applies(turn, scope, event, plan, mask, use, scope.missed[key].seen):
                del scope.missed[key]  # done late: no longer overdue
    for use in uses.cancels:
        rule = turn.program.rules[use.rule]
        for advice in _of_rule(scope, rule):
            if _applies(turn, scope, event, plan, mask, use, advice.seen):
                life.cancel(turn, scope, rule, advice, Cause(kind="event", event=event.ref))
        for key in _missed(scope, rule):
            if _applies(turn, scope, event, plan, mask, use, scope.missed[key].seen):
                del scope.missed[key]
        for key in [key for key, series in scope.series.items() if series.rule == rule.id]:
            if _applies(turn, scope, event, plan, mask, use, scope.series[key].trigger.seen):
                del scope.series[key]
                turn.touch(scope)


def _of_rule(scope: ScopeState, rule: CompiledRule) -> list[Advice]:
    name = rule.id
    found = [each for each in scope.advices.values() if each.rule == name]
    if len(found) > 1:
        found.sort(key=_id)
    return found


_id = attrgetter("id")


def _missed(scope: ScopeState, rule: CompiledRule) -> list[str]:
    """Under which keys advices of a rule that were missed are kept."""
    return [key for key, each in scope.missed.items() if each.rule == rule.id] if scope.missed else []


def _applies(
    turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int, use: Use, seen: dict[str, Any]
) -> bool:
    """Whether a pattern that reads `trigger.…` holds for the advice with this trigger."""
    if not use.bound:
        return True
    scene = turn.scene(scope, event, payload(seen))
    mask |= _held(plan.trigger_atoms, scene)
    return use.entry in turn.program.network.matching(plan.number, mask)


def payload(seen: dict[str, Any]) -> dict[str, Any]:
    """The fields that an advice kept, as the payload they came from."""
    nested: dict[str, Any] = {}
    for path, each in seen.items():
        *parents, name = path.split(".")
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = each
    return nested


def _trigger(turn: Turn, scope: ScopeState, event: Happening, uses: Uses, scene: Scene) -> None:
    """Holds the event against the rules that it may trigger; each speaks once, by its first clause that holds."""
    done = -1
    zone, because, observer = turn.zone(scope, event.zone), (event.ref,), turn.observer
    for use in uses.triggers:  # the clauses of a rule one after the other
        if use.rule == done:
            continue
        outcome = _hold_against(turn, scope, event, use, scene, zone, because)
        if outcome.kind != "count":
            done = use.rule
        if observer is not None:
            rule = turn.program.rules[use.rule]
            observer.considered(Held(turn, scope, event, rule, use.clause, outcome))


def _tell_of_the_others(
    turn: Turn, observer: Observer, scope: ScopeState, event: Happening, scoped: ScopePlan, uses: Uses
) -> None:
    """Says of which clauses the patterns did not hold."""
    for use in scoped.uses.triggers:
        if use not in uses.triggers:
            rule = turn.program.rules[use.rule]
            observer.considered(Held(turn, scope, event, rule, use.clause, Outcome("condition")))


def _hold_against(
    turn: Turn,
    scope: ScopeState,
    event: Happening,
    use: Use,
    scene: Scene,
    zone: str,
    because: tuple[str, ...],
) -> Outcome:
    rule = turn.program.rules[use.rule]
    count = None
    if use.quota is not None:
        counted = _in_window(turn, scope, use.key, use.quota, zone)
        count = _size(counted, use.quota)
        if count < use.quota.at_least:
            return Outcome("count", {"count": count, "at_least": use.quota.at_least})
        because = tuple(dict.fromkeys(each.event for each in counted[-TOLD:]))
    if rule.gated:
        closed = gating.gate(turn, scope, rule, event.time)
        if closed is not None:
            return closed
    standing = life.standing(scope, rule, event.type)
    if standing is not None and rule.rule.again == "ignore":
        return life.ignored(standing)
    clause = use.clause
    advice = Advice(
        id=advice_id(turn, rule.id, scope.case, _identity(scope, event), 0),
        rule=rule.id,
        state="scheduled",
        zone=zone,
        anchor=turn.now,
        trigger=event.ref,
        trigger_type=event.type,
        clause=clause,
        seen=_seen(rule.seen[clause], scene),
        because=because,
        matched=_spots(rule, clause, scene) if rule.has_text[clause] else (),
        count=count,
        gates=gating.stamps(scope, rule) if rule.gated else NOTHING,
    )
    return life.say(turn, scope, rule, advice, standing)


def _identity(scope: ScopeState, event: Happening) -> str:
    """What tells a trigger from all others in a scope: the same may happen in two cases of a subject at once."""
    if scope.case is None and event.case is not None and event.id is None:
        return f"{event.identity}\0{event.case}"
    return event.identity


def _seen(wanted: tuple[Wanted, ...], scene: Scene) -> dict[str, Any]:
    """The values that are found in a scene, by their paths."""
    if not wanted:
        return NOTHING
    seen = {}
    for path, mapping_of, name in wanted:
        found = mapping_of(scene).get(name, MISSING)
        if found is not MISSING:
            seen[path] = found
    return seen


def _spots(rule: CompiledRule, clause: int, scene: Scene) -> tuple[Spot, ...]:
    where = rule.rule.when[clause].where
    if where is None:
        return ()
    return tuple(Spot(field, *match) for field, match in atoms.spans(where, scene))


def occur(turn: Turn, scope: ScopeState, rule: CompiledRule, series: Series) -> None:
    """The next occurrence of a repeat begins; what would keep the rule quiet keeps this occurrence quiet too."""
    first, repeat = series.trigger, rule.rule.repeat
    occurrence = series.occurrence
    series.occurrence += 1
    key = life.series_key(rule, first.trigger_type)
    if repeat is None or (repeat.at_most is not None and series.occurrence >= repeat.at_most):
        scope.series.pop(key, None)
    else:
        series.next = life.occurrence_time(turn, rule, series)
    outcome = gating.gate(turn, scope, rule, turn.now)
    if outcome is None:
        standing = life.standing(scope, rule, first.trigger_type, occurrence)
        if standing is not None and rule.rule.again == "ignore":
            outcome = life.ignored(standing)
        else:
            advice = _occurrence(turn, scope, rule, first, occurrence)
            outcome = life.say(turn, scope, rule, advice, standing)
    if turn.observer is not None:
        turn.observer.recurred(turn, scope, rule, outcome)


def _occurrence(turn: Turn, scope: ScopeState, rule: CompiledRule, first: Advice, number: int) -> Advice:
    """A later occurrence, which has seen what the first one saw."""
    identity = f"{first.id}\0occurrence" + (f"\0{first.restarts}" if first.restarts else "")
    return Advice(
        id=advice_id(turn, rule.id, scope.case, identity, number),
        rule=rule.id,
        state="scheduled",
        zone=first.zone,
        anchor=turn.now,
        trigger=first.trigger,
        trigger_type=first.trigger_type,
        occurrence=number,
        clause=first.clause,
        seen=first.seen,
        because=first.because,
        gates=gating.stamps(scope, rule),
    )
