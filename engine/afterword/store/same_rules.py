"""Whether rules can go on with a store, and what to do where they cannot (P3)."""

from __future__ import annotations

from afterword.program import Program, misfit
from afterword.ruleset import Ruleset
from afterword.store.faults import StoreError


def check_fit(path: str, name: str, drafts: bool, rules: Ruleset | Program) -> None:
    """Raises `StoreError` for the rules of another ruleset, or with other drafts than the store was made with."""
    found = misfit(rules, name, drafts)
    if found is not None and found.about == "ruleset":
        raise StoreError(
            path,
            f"The store keeps the state of {found.was}, not of {found.now}.",
            "give each ruleset a file of its own",
        )
    if found is not None:
        raise StoreError(
            path,
            f"The store was made {found.was} draft rules; these are compiled {found.now}.",
            f"compile them with `drafts={drafts}`, or give the ruleset itself",
        )
