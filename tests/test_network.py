"""Two networks, one truth: what holds for a mask of atoms, and that durable-rules says the same within its limits."""

import gc
import importlib
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import afterword.network as networks
from afterword.conditions import All, AnyOf, FieldTest, Not, Ref
from afterword.network import Entry, Memo, NetworkUnavailable, available, compile_condition, network
from afterword.network.plain import PlainNetwork, true_of

needs_durable = pytest.mark.skipif(not available(), reason="durable-rules cannot be imported on this Python")

ATOMS = 12
FORMULAS = st.recursive(
    st.integers(0, ATOMS - 1),
    lambda inner: st.builds(
        lambda word, parts: (word, *parts), st.sampled_from(["all", "any"]), st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)
MASKS = st.integers(0, 2**ATOMS - 1)


@pytest.fixture
def durable():
    if not available():
        pytest.skip("durable-rules cannot be imported on this Python")
    return importlib.import_module("afterword.network.durable")


# -- the truth


def test_a_formula_is_an_atom_or_all_or_any_of_formulas():
    assert true_of(2, 0b100)
    assert not true_of(2, 0b011)
    assert true_of(("all", 0, ("any", 1, 2)), 0b101)
    assert not true_of(("all", 0, ("any", 1, 2)), 0b001)
    assert true_of(("all",), 0)
    assert not true_of(("any",), 0b111)


def test_a_plain_network_gives_the_entries_of_the_type_that_hold_in_order():
    plain = PlainNetwork([Entry(1, 0), Entry(2, 0), Entry(1, None), Entry(1, ("any", 1, 2))])
    assert plain.matching(1, 0b000) == (2,)
    assert plain.matching(1, 0b001) == (0, 2)
    assert plain.matching(1, 0b110) == (2, 3)
    assert plain.matching(2, 0b001) == (1,)
    assert plain.matching(3, 0b111) == ()


# -- conditions as formulas


def field_test(n):
    return FieldTest(Ref("data", (f"f{n}",)), "is", n)


def compiled(condition):
    """The formula, with atom 2n for a test and 2n + 1 for its opposite."""
    return compile_condition(condition, lambda test, positive: 2 * test.operand + (not positive))


def test_s13_negation_is_pushed_down_to_the_tests():
    a, b, c = map(field_test, range(3))
    assert compiled(a) == 0
    assert compiled(Not(a)) == 1
    assert compiled(Not(Not(a))) == 0
    assert compiled(Not(All((a, AnyOf((b, Not(c))))))) == ("any", 1, ("all", 3, 4))


def test_s13_a_formula_has_no_word_too_many():
    a, b, c = map(field_test, range(3))
    assert compiled(All((a, All((b, All((c, a))))))) == ("all", 0, 2, 4)
    assert compiled(AnyOf((All((a,)), AnyOf((b, c))))) == ("any", 0, 2, 4)
    assert compiled(All((a, AnyOf(())))) == ("any",)
    assert compiled(AnyOf((a, All(())))) is None
    for always in (None, All(()), All((All(()),)), Not(AnyOf(()))):
        assert compiled(always) is None


CONDITIONS = st.recursive(
    st.integers(0, 5).map(field_test),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        st.builds(Not, inner),
    ),
    max_leaves=10,
)


def holds(condition, true):
    match condition:
        case All(parts):
            return all(holds(part, true) for part in parts)
        case AnyOf(parts):
            return any(holds(part, true) for part in parts)
        case Not(part):
            return not holds(part, true)
        case FieldTest(operand=n):
            return n in true


@settings(max_examples=200, deadline=None)
@given(CONDITIONS, st.sets(st.integers(0, 5)))
def test_s13_a_formula_holds_when_its_condition_does(condition, true):
    mask = sum(1 << (2 * n + (n not in true)) for n in range(6))
    formula = compiled(condition)
    assert (formula is None or true_of(formula, mask)) is holds(condition, true)


# -- choosing a network, and its memory


@needs_durable
def test_the_durable_network_is_chosen_where_it_can_be_had():
    assert type(network([]).network).__name__ == "DurableNetwork"
    assert isinstance(network([], "plain").network, PlainNetwork)


def test_without_durable_rules_plain_is_chosen_and_durable_refused_with_a_way_out(monkeypatch):
    monkeypatch.setattr(networks, "available", lambda: False)
    assert isinstance(network([]).network, PlainNetwork)
    with pytest.raises(NetworkUnavailable, match=r"C compiler.*pip install 'durable-rules.*`plain`"):
        network([], "durable")


def test_a_durable_rules_that_does_not_load_is_not_available(monkeypatch):
    def broken(name):
        raise ImportError("undefined symbol: PyEval_CallObject")

    monkeypatch.setattr(networks, "import_module", broken)
    assert not available()


def test_an_unknown_kind_of_network_is_refused():
    with pytest.raises(ValueError, match="`fast`; choose `plain` or `durable`"):
        network([], "fast")


class Counting(PlainNetwork):
    def __init__(self, entries):
        super().__init__(entries)
        self.asked = 0

    def matching(self, type, mask):
        self.asked += 1
        return super().matching(type, mask)


def test_a_memo_asks_once_for_each_type_and_mask():
    counting = Counting([Entry(1, 0), Entry(2, 1)])
    memo = Memo(counting)
    answers = [memo.matching(type, mask) for type in (1, 2) for mask in (0, 1, 2)]
    assert [memo.matching(type, mask) for type in (1, 2) for mask in (0, 1, 2)] == answers
    assert answers == [(), (0,), (), (), (), (1,)]
    assert counting.asked == 6


def test_a_memo_holds_no_more_than_its_limit():
    counting = Counting([Entry(1, 0)])
    memo = Memo(counting, limit=3)
    for mask in range(10):
        assert memo.matching(1, mask) == PlainNetwork([Entry(1, 0)]).matching(1, mask)
        assert len(memo._known) <= 3


# -- durable-rules says the same


def same_answers(durable, entries, questions):
    plain, network = PlainNetwork(entries), durable.DurableNetwork(entries)
    try:
        for type, mask in questions:
            assert network.matching(type, mask) == plain.matching(type, mask), (type, bin(mask))
    finally:
        network.close()


@needs_durable
@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.builds(Entry, st.integers(0, 3), st.none() | FORMULAS), max_size=12),
    st.lists(st.tuples(st.integers(0, 4), MASKS), min_size=1, max_size=12),
)
@example([Entry(0, ("all",)), Entry(0, ("any",)), Entry(0, None)], [(0, 0), (0, 1), (1, 0)])
@example([Entry(0, ("all", 1, 1, ("any", 1, 1)))], [(0, 0), (0, 2)])
def test_durable_answers_what_plain_does(entries, questions):
    same_answers(importlib.import_module("afterword.network.durable"), entries, questions)


def formula(chance, atoms, depth, width):
    if depth == 0 or chance.random() < 0.3:
        return chance.randrange(atoms)
    parts = (formula(chance, atoms, depth - 1, width) for _ in range(chance.randrange(width + 1)))
    return (chance.choice(["all", "any"]), *parts)


def masks(chance, atoms, count):
    """Nothing, everything, and mixtures in between."""
    yield 0
    yield 2**atoms - 1
    for _ in range(count):
        density = chance.choice([0.02, 0.2, 0.5, 0.9])
        yield sum(1 << atom for atom in range(atoms) if chance.random() < density)


@pytest.mark.parametrize("seed", range(24))
def test_durable_answers_what_plain_does_for_hundreds_of_entries(durable, seed):
    chance = random.Random(seed)
    types, atoms, depth = chance.choice([1, 3, 20, 300]), chance.choice([3, 20, 120]), chance.randrange(6)
    width, count = chance.choice([2, 4, 9]), chance.choice([40, 200, 600])
    entries = [
        Entry(
            chance.randrange(types), None if chance.random() < 0.1 else formula(chance, atoms, depth, width)
        )
        for _ in range(count)
    ]
    asked = [(chance.randrange(types + 1), mask) for _ in range(8) for mask in masks(chance, atoms, 6)]
    same_answers(durable, entries, asked)


def test_three_hundred_alternatives_of_one_entry(durable):
    alternatives = ("any", *(("all", n, n + 1, n + 2) for n in range(300)))
    entries = [Entry(0, alternatives), Entry(0, ("all", 301, alternatives)), Entry(0, ("any", *range(300)))]
    chance = random.Random(1)
    same_answers(durable, entries, [(0, mask) for mask in [*masks(chance, 302, 40), 0b111 << 299, 1 << 299]])


def test_a_thousand_entries_of_one_type_that_hold_at_once(durable):
    entries = [Entry(0, n) for n in range(500)] + [Entry(0, ("all", n, (n + 1) % 500)) for n in range(500)]
    same_answers(durable, entries, [(0, mask) for mask in masks(random.Random(2), 500, 10)])


def test_a_thousand_equal_entries(durable):
    same_answers(durable, [Entry(0, ("all", 0, 1))] * 1000, [(0, 0), (0, 1), (0, 3)])


def test_three_hundred_types(durable):
    entries = [Entry(n % 300, ("all", n % 7, ("any", 7 + n % 5, n % 3))) for n in range(900)]
    chance = random.Random(3)
    same_answers(durable, entries, [(type, mask) for type in range(301) for mask in masks(chance, 12, 2)])


def test_types_need_not_be_small_numbers_nor_come_in_order(durable):
    entries = [Entry(type, 0) for type in (10**12, -5, 0, 2**40)]
    same_answers(durable, entries, [(type, mask) for type in (10**12, -5, 0, 2**40, 1) for mask in (0, 1)])


def test_a_long_conjunction_and_a_deep_formula(durable):
    deep = 0
    for n in range(1, 60):
        deep = ("all" if n % 2 else "any", n % 10, deep)
    entries = [
        Entry(0, ("all", *range(300))),
        Entry(0, deep),
        Entry(0, ("all", 0, ("any", *range(20)), deep)),
    ]
    nearly = 2**300 - 1 - (1 << 150)
    same_answers(durable, entries, [(0, mask) for mask in (nearly, *masks(random.Random(4), 300, 30))])


def test_a_product_of_alternatives_does_not_explode(durable):
    product = ("all", *(("any", *range(10 * n, 10 * n + 10)) for n in range(20)))
    assert len(durable.conjunctions(product)) == 1
    same_answers(durable, [Entry(0, product)], [(0, mask) for mask in masks(random.Random(5), 200, 30)])


# -- the limits of the C code


@needs_durable
@settings(max_examples=200, deadline=None)
@given(FORMULAS, MASKS)
def test_few_short_alternatives_are_true_together_with_the_formula(formula, mask):
    durable = importlib.import_module("afterword.network.durable")
    found = durable.conjunctions(formula)
    assert len(found) <= durable.ALTERNATIVES
    assert all(len(conjunction) <= durable.LITERALS for conjunction in found)
    assert any(all(true_of(part, mask) for part in parts) for parts in found) is true_of(formula, mask)


@pytest.mark.parametrize("seed", range(4))
def test_no_c_ruleset_comes_near_a_limit(durable, seed):
    chance = random.Random(seed)
    types = chance.choice([1, 400])
    entries = [Entry(chance.randrange(types), formula(chance, 200, 3, 6)) for _ in range(1200)]
    network = durable.DurableNetwork(entries)
    for ruleset in network._rulesets:
        assert ruleset.rules <= durable.RULES < 4096
        assert len(ruleset.groups) <= durable.TYPES < 200  # siblings; 512 hang
        for group in ruleset.groups.values():
            assert len(group.nodes) <= durable.NODES < 64  # matching at once; more is an error
            assert len(group.literals) <= durable.NODES  # properties of a fact; 255 fail
    network.close()


def fnv(name):
    """The hash by which the C code knows a name; it never compares the names."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def test_no_two_names_have_the_same_hash(durable):
    assert (fnv("id"), fnv("sid"), fnv("$and")) == (926444256, 3593476751, 3746487396)  # as in its sources
    operators = (
        "and or lt lte gt gte eq neq ex nex mt imt iall iany m add sub mul div l r not all any forward i s"
    )
    names = [
        "id",
        "sid",
        "t",
        "m",
        *(f"a{n}" for n in range(durable.NODES)),
        *(f"${n}" for n in operators.split()),
    ]
    assert len(set(map(fnv, names))) == len(names)


# -- what is held is given back


class Ledger:
    """The C module with a book of what was made through it and what of that was given back.

    Networks that other tests let go may be collected meanwhile; they are none of its business.
    """

    def __init__(self, rete):
        self.rete = rete
        self.open, self.awake, self.made = set(), set(), 0

    def __getattr__(self, name):
        return getattr(self.rete, name)

    def create_ruleset(self, name, rules):
        handle = self.rete.create_ruleset(name, rules)
        self.made += 1
        self.open.add(handle)
        return handle

    def start_action_for_state(self, handle, session):
        if handle in self.open:
            self.awake.add(handle)
        return self.rete.start_action_for_state(handle, session)

    def delete_state(self, handle, session):
        if handle in self.open:
            assert handle in self.awake, "no action ran on this session: deleting it would crash"
            self.awake.remove(handle)
        self.rete.delete_state(handle, session)

    def delete_ruleset(self, handle):
        assert handle not in self.awake, "this session would leak"
        self.open.discard(handle)
        self.rete.delete_ruleset(handle)


@pytest.fixture
def ledger(durable, monkeypatch):
    ledger = Ledger(durable.rete)
    monkeypatch.setattr(durable, "rete", ledger)
    return ledger


ENTRIES = [Entry(type, ("all", n, ("any", n + 1, n + 2))) for type in range(3) for n in range(9)]


def test_five_hundred_networks_made_and_closed_give_everything_back(durable, ledger):
    plain = PlainNetwork(ENTRIES)
    for n in range(500):
        network = durable.DurableNetwork(ENTRIES)
        if n % 3:
            assert network.matching(n % 3, n) == plain.matching(n % 3, n)
        network.close()
        network.close()
    assert ledger.made == 500
    assert not ledger.open
    assert not ledger.awake


def test_a_network_that_is_let_go_gives_everything_back(durable, ledger):
    network = durable.DurableNetwork(ENTRIES)
    network.matching(1, 0b11)
    assert ledger.open
    del network
    gc.collect()
    assert not ledger.open


def test_closing_one_network_leaves_the_others_alone(durable):
    plain, other = PlainNetwork(ENTRIES), PlainNetwork([Entry(0, 1)])
    first, second, third = (
        durable.DurableNetwork(ENTRIES),
        durable.DurableNetwork([Entry(0, 1)]),
        network(ENTRIES),
    )
    for mask in range(64):
        assert first.matching(1, mask) == third.matching(1, mask) == plain.matching(1, mask)
        assert second.matching(0, mask) == other.matching(0, mask)
    second.close()
    fourth = durable.DurableNetwork([Entry(0, 2)])
    for mask in range(64):
        assert first.matching(2, mask) == plain.matching(2, mask)
        assert fourth.matching(0, mask) == ((0,) if mask & 4 else ())


def test_a_closed_network_says_that_it_is_closed(durable):
    network = Memo(durable.DurableNetwork(ENTRIES))
    network.matching(0, 1)
    network.close()
    with pytest.raises(RuntimeError, match="closed"):
        network.matching(0, 1)


def test_a_question_broken_off_half_way_spoils_no_later_answer(durable, ledger, monkeypatch):
    network = durable.DurableNetwork(ENTRIES)
    plain = PlainNetwork(ENTRIES)
    full = 2**11 - 1
    for name in ("assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"):
        whole = getattr(ledger, name)
        for after in (False, True):

            def interrupted(*arguments, whole=whole, after=after):
                if after:
                    whole(*arguments)
                raise KeyboardInterrupt

            monkeypatch.setattr(ledger, name, interrupted, raising=False)
            with pytest.raises(KeyboardInterrupt):
                network.matching(1, full)
            monkeypatch.setattr(ledger, name, whole, raising=False)
            for mask in (full, 0, 0b1011):
                assert network.matching(1, mask) == plain.matching(1, mask)
    network.close()
    assert not ledger.open


def test_an_answer_of_the_c_code_that_nobody_expects_is_an_error_and_no_answer(durable, ledger, monkeypatch):
    network = durable.DurableNetwork(ENTRIES)
    whole = ledger.assert_fact
    monkeypatch.setattr(
        ledger, "assert_fact", lambda handle, fact: (2, whole(handle, fact)[1]), raising=False
    )
    with pytest.raises(RuntimeError, match="the code 2"):
        network.matching(0, 7)
    monkeypatch.setattr(ledger, "assert_fact", whole, raising=False)
    assert network.matching(0, 7) == PlainNetwork(ENTRIES).matching(0, 7)


def test_threads_share_a_network(durable):
    entries = ENTRIES * 3
    plain, shared = PlainNetwork(entries), durable.DurableNetwork(entries)
    start = threading.Barrier(4)

    def ask(seed):
        chance = random.Random(seed)
        start.wait()
        for _ in range(400):
            type, mask = chance.randrange(3), chance.getrandbits(11)
            assert shared.matching(type, mask) == plain.matching(type, mask)
            own = durable.DurableNetwork(ENTRIES[:4]) if chance.random() < 0.02 else None
            if own is not None:
                own.matching(0, mask)
                own.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(4)))
