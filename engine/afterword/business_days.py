"""Which days are business days: neither weekend nor holiday (S10)."""

from __future__ import annotations

import datetime as dt
import warnings
from bisect import bisect_left, bisect_right
from functools import lru_cache

from afterword.dates import as_date

_MOST_CACHED_YEARS = 256
_FIRST, _LAST = dt.date.min.toordinal(), dt.date.max.toordinal()

Holidays = tuple[str, ...]
"""What is no business day besides the weekend: codes of calendars (`AU-WA`) and dates (`2026-12-24`)."""


def holidays_exist(code: str) -> bool:
    """Whether there is a holiday calendar of this code: a country (`AU`) or a part of it (`AU-WA`)."""
    country, dash, part = code.partition("-")
    parts = _holiday_countries().get(country)
    return parts is not None and (not dash or part in parts)


@lru_cache(maxsize=256)
def business_days(weekend: frozenset[int], holidays: Holidays) -> BusinessDays:
    """Those that a weekend (Monday is 0) and holidays leave. ValueError when there is no calendar of a code."""
    return BusinessDays(weekend, holidays)


class BusinessDays:
    """The business days that a weekend and holidays leave, worked out year by year as they are asked for.

    A day is a proleptic Gregorian ordinal, as `datetime.date.toordinal` has it.
    """

    def __init__(self, weekend: frozenset[int], holidays: Holidays) -> None:
        self._weekend = weekend
        self._calendars: list[str] = []
        self._dates: dict[int, set[int]] = {}
        """The days that are given by their dates, by year."""
        for each in holidays:
            date = as_date(each)
            if date is not None:
                self._dates.setdefault(date.year, set()).add(date.toordinal())
            elif holidays_exist(each):
                self._calendars.append(each)
            else:
                raise ValueError(f"There is no holiday calendar `{each}`.")
        self._years: dict[int, list[int]] = {}

    def has(self, day: int) -> bool:
        """Whether a day is one of them."""
        days = self._of(dt.date.fromordinal(day).year)
        at = bisect_left(days, day)
        return at < len(days) and days[at] == day

    def after(self, day: int, count: int, sign: int) -> int:
        """The `count`-th business day after a day, or (`sign=-1`) before it; at most the end of the calendar."""
        year = dt.date.fromordinal(min(max(day, _FIRST), _LAST)).year
        while dt.MINYEAR <= year <= dt.MAXYEAR:
            days = self._of(year)
            at = bisect_right(days, day) + count - 1 if sign > 0 else bisect_left(days, day) - count
            if 0 <= at < len(days):
                return days[at]
            count = at - len(days) + 1 if sign > 0 else -at
            year += sign
        return _LAST if sign > 0 else _FIRST

    def _of(self, year: int) -> list[int]:
        """Every business day of the year, ascending."""
        known = self._years.get(year)
        if known is None:
            if len(self._years) >= _MOST_CACHED_YEARS:
                self._years.clear()
            known = self._years[year] = self._list(year)
        return known

    def _list(self, year: int) -> list[int]:
        first, last = dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 31).toordinal()
        free = self._free(year)
        # Day 1, 1 January of the year 1, is a Monday.
        return [
            day for day in range(first, last + 1) if (day - 1) % 7 not in self._weekend and day not in free
        ]

    def _free(self, year: int) -> set[int]:
        free = set(self._dates.get(year, ()))
        return free.union(*(_public_holidays(code, year) for code in self._calendars))


def _public_holidays(code: str, year: int) -> set[int]:
    from holidays import country_holidays  # noqa: PLC0415 - slow to import and rarely needed

    country, _, part = code.partition("-")
    with warnings.catch_warnings():
        # Some calendars warn that a year lies outside what they know; they still name its fixed days.
        warnings.simplefilter("ignore")
        found = country_holidays(country, subdiv=part or None, years=year, expand=False)
    return {date.toordinal() for date in found}


@lru_cache(maxsize=1)
def _holiday_countries() -> dict[str, frozenset[str]]:
    from holidays import list_supported_countries  # noqa: PLC0415 - slow to import and rarely needed

    listed = list_supported_countries(include_aliases=False)
    return {country: frozenset(parts) for country, parts in listed.items()}
