"""Whether rules can go on with a store, and what to do where they cannot (P3)."""

from __future__ import annotations

from afterword.program import Program
from afterword.ruleset import Ruleset
from afterword.store.faults import StoreError


def check_fit(path: str, name: str, drafts: bool, rules: Ruleset | Program) -> None:
    """Raises `StoreError` for the rules of another ruleset, or with other drafts than the store was made with."""
    ruleset = rules.ruleset if isinstance(rules, Program) else rules
    if name != ruleset.name:
        raise StoreError(
            path,
            f"The store keeps the state of {name}, not of {ruleset.name}.",
            "give each ruleset a file of its own",
        )
    if isinstance(rules, Program) and rules.drafts != drafts:
        made, compiled = ("with" if each else "without" for each in (drafts, rules.drafts))
        raise StoreError(
            path,
            f"The store was made {made} draft rules; these are compiled {compiled}.",
            f"compile them with `drafts={drafts}`, or give the ruleset itself",
        )
