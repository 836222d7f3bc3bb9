"""Calendar arithmetic on instants: local days, business days, alignments, wall-clock times (S9, S10).

An instant is an `int`: microseconds since the Unix epoch, UTC. A *wall* is the same number as a local clock
shows it, as if that clock stood in Greenwich; a *day* is a wall's whole days. Most zones keep one offset for
a whole day, so offsets are cached by day and nearly all arithmetic is on ints. Results saturate at the ends
of the calendar instead of overflowing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import index
from typing import TYPE_CHECKING, ClassVar, Protocol

from afterword.business_days import Holidays, business_days
from afterword.duration import DAY, MINUTE, SECOND, Duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from afterword.ruleset import Alignment, Defaults

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_NAIVE_EPOCH = dt.datetime(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()

# Two days inside the calendar of `datetime`, so that no offset leads out of it.
_FIRST_DAY = dt.date.min.toordinal() + 2 - _EPOCH_ORDINAL
_LAST_DAY = dt.date.max.toordinal() - 2 - _EPOCH_ORDINAL
EARLIEST = _FIRST_DAY * DAY
LATEST = _LAST_DAY * DAY

_MOST_CACHED_DAYS = 4_096
_MOST_CACHED_TEXTS = 32_768

_BY_DAY = {"start of day": 0, "end of day": 1, "start of next day": 1, "end of next day": 2}
_BY_MONTH = {"start of month": 0, "end of month": 1, "start of next month": 1, "end of next month": 2}
_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:)([0-9]{2})(\.[0-9]+)?"
    r"(?:([Zz])|([+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))"
)


@dataclass(frozen=True, slots=True)
class Days:
    """What a day means for one case: its zone, its weekend (Monday is 0), its holidays (`AU-WA`, `2026-12-24`)."""

    zone: str = "UTC"
    weekend: frozenset[int] = frozenset({5, 6})
    holidays: Holidays = ()
    _clock: _Clock = field(init=False, repr=False, compare=False)
    texts: Mapping[int, str] = field(init=False, repr=False, compare=False)
    """Instants as RFC 3339 text in the zone, each worked out when it is first looked up."""

    def __post_init__(self) -> None:
        if not self.weekend < frozenset(range(7)):
            raise ValueError("A weekend is made of the days 0 to 6 and leaves at least one of them.")
        object.__setattr__(self, "_clock", _clock(self.zone))
        object.__setattr__(self, "texts", _texts(self.zone))

    def __reduce__(self) -> tuple[type[Days], tuple[str, frozenset[int], Holidays]]:
        """A copy, here or in another process, has the clock and the texts that are there already."""
        return Days, (self.zone, self.weekend, self.holidays)

    def add(self, instant: int, duration: Duration, sign: int = 1) -> int:
        """The instant moved by the duration, or back by it (`sign=-1`).

        Months come first (clamped to the month's end), then days, then business days; these keep the
        wall-clock time. Hours and less are absolute and come last.
        """
        moved, clock = instant, self._clock
        if duration.months or duration.business_days:
            moved = clock.instant(_clamped(self._jump(clock.wall(instant), duration, sign)))
        elif duration.days:
            wall = clock.wall(instant) + sign * duration.days * DAY
            moved = clock.instant(wall if EARLIEST <= wall <= LATEST else _clamped(wall))
        moved += sign * duration.microseconds
        return moved if EARLIEST <= moved <= LATEST else _clamped(moved)

    def align(self, instant: int, alignment: Alignment) -> int:
        """The start or the end of the instant's local day or month, or of the next; an end is the midnight after."""
        clock = self._clock
        day = clock.wall(instant) // DAY
        later = _BY_DAY.get(alignment)
        if later is None:
            return clock.instant(_add_months(day - _date(day).day + 1, _BY_MONTH[alignment]) * DAY)
        return clock.instant((day + later) * DAY)

    def at(self, instant: int, minutes: int) -> int:
        """That wall-clock time, in minutes after midnight, on the instant's local date."""
        clock = self._clock
        return clock.instant(clock.wall(instant) // DAY * DAY + minutes * MINUTE)

    def date_of(self, instant: int) -> dt.date:
        """The instant's local date."""
        return _date(self._clock.wall(instant) // DAY)

    def day_and_time(self, instant: int) -> tuple[int, int]:
        """The instant's local date as a proleptic Gregorian ordinal, and what the clock on the wall shows then.

        The time is in microseconds after a midnight of that clock, so in the hour that comes twice it comes twice.
        """
        day, time = divmod(self._clock.wall(_clamped(instant)), DAY)
        return day + _EPOCH_ORDINAL, time

    def is_business_day(self, date: int) -> bool:
        """Whether a date, as an ordinal, is neither on the weekend nor a holiday."""
        return business_days(self.weekend, self.holidays).has(date)

    def start_of(self, date: dt.date) -> int:
        """The first instant of that local day."""
        return self._clock.instant((date.toordinal() - _EPOCH_ORDINAL) * DAY)

    def local(self, instant: int) -> dt.datetime:
        """The instant as an aware datetime in the zone."""
        return self._clock.local(instant)

    def _jump(self, wall: int, duration: Duration, sign: int) -> int:
        day, time = divmod(wall, DAY)
        if duration.months:
            day = _add_months(day, sign * duration.months)
        day += sign * duration.days
        if duration.business_days:
            calendar = business_days(self.weekend, self.holidays)
            day = calendar.after(day + _EPOCH_ORDINAL, duration.business_days, sign) - _EPOCH_ORDINAL
        return day * DAY + time


def days_of(defaults: Defaults, zone: str | None = None) -> Days:
    """The calendar that a ruleset's defaults make, in their time zone or in another one."""
    return Days(zone or defaults.timezone, defaults.weekend, defaults.holidays)


class Calendars(dict[str, Days]):
    """The calendar of each zone under a ruleset's defaults; each is made when it is first looked up."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults

    def __missing__(self, zone: str) -> Days:
        days = self[zone] = days_of(self._defaults, zone)
        return days


def zone_exists(name: str) -> bool:
    """Whether the IANA database has a zone of exactly this name."""
    return name == "UTC" or name in zone_names()


def instant(moment: dt.datetime) -> int:
    """The instant of an aware datetime (ValueError for a naive one)."""
    try:
        gone = moment - _EPOCH
    except TypeError:
        raise ValueError("This time has no zone; give it one before asking for its instant.") from None
    return (gone.days * 86_400 + gone.seconds) * SECOND + gone.microseconds


def parse_instant(text: str) -> int | None:
    """The instant that an RFC 3339 text with an offset names, else nothing.

    Digits after the sixth are cut off, not rounded; a leap second counts as the second after it.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    date, clock, seconds, fraction, zulu, offset = match.groups()
    leap = seconds == "60"
    try:
        written = f"{date}T{clock}{'59' if leap else seconds}{'+00:00' if zulu else offset}"
        whole = instant(dt.datetime.fromisoformat(written))
    except ValueError:
        return None
    if leap:
        return whole + SECOND if (whole + SECOND) % DAY == 0 else None
    return whole + (int(fraction[1:7].ljust(6, "0")) if fraction else 0)


def _clamped(instant: int) -> int:
    return min(max(instant, EARLIEST), LATEST)


def _date(day: int) -> dt.date:
    return dt.date.fromordinal(min(max(day, _FIRST_DAY), _LAST_DAY) + _EPOCH_ORDINAL)


def _add_months(day: int, months: int) -> int:
    date = _date(day)
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if year < dt.MINYEAR:
        return _FIRST_DAY
    if year > dt.MAXYEAR:
        return _LAST_DAY
    first = dt.date(year, month + 1, 1).toordinal()
    length = 31 if month == 11 else dt.date(year + month // 11, (month + 1) % 12 + 1, 1).toordinal() - first
    return first + min(date.day, length) - 1 - _EPOCH_ORDINAL


class _Clock(Protocol):
    """How instants and walls of one zone belong together."""

    def wall(self, instant: int) -> int: ...

    def instant(self, wall: int) -> int: ...

    def local(self, instant: int) -> dt.datetime: ...


class _Greenwich:
    """The clock that needs no look-up: `index` gives an integer back as it is."""

    wall = staticmethod(index)
    instant = staticmethod(index)

    def local(self, instant: int) -> dt.datetime:
        return _EPOCH + dt.timedelta(microseconds=_clamped(instant))


class _ZoneClock:
    """The clock of a zone with rules; remembers the offset of each day that has only one."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._by_utc_day: dict[int, int | None] = {}
        self._by_local_day: dict[int, int | None] = {}

    def wall(self, instant: int) -> int:
        day = instant // DAY
        try:
            offset = self._by_utc_day[day]
        except KeyError:
            ends = self._offset_at(day * DAY), self._offset_at(day * DAY + DAY - 1)
            offset = _remember(self._by_utc_day, day, ends)
        return instant + (self._offset_at(instant) if offset is None else offset)

    def instant(self, wall: int) -> int:
        day = wall // DAY
        try:
            offset = self._by_local_day[day]
        except KeyError:
            ends = self._offset_of(day * DAY), self._offset_of(day * DAY + DAY - 1)
            offset = _remember(self._by_local_day, day, ends)
        return wall - (self._offset_of(wall) if offset is None else offset)

    def local(self, instant: int) -> dt.datetime:
        return (_EPOCH + dt.timedelta(microseconds=_clamped(instant))).astimezone(self._zone)

    def _offset_at(self, instant: int) -> int:
        return _microseconds(self.local(instant).utcoffset())

    def _offset_of(self, wall: int) -> int:
        # fold=0 is the first of two equal times, and in a gap the offset before it, which moves the time on.
        naive = _NAIVE_EPOCH + dt.timedelta(microseconds=_clamped(wall))
        return _microseconds(naive.replace(tzinfo=self._zone).utcoffset())


def _remember(cache: dict[int, int | None], day: int, ends: tuple[int, int]) -> int | None:
    # No zone changes its offset and back within one day, so equal ends mean a day of one offset.
    if len(cache) >= _MOST_CACHED_DAYS:
        cache.clear()
    offset = ends[0] if ends[0] == ends[1] else None
    cache[day] = offset
    return offset


def _microseconds(offset: dt.timedelta | None) -> int:
    assert offset is not None
    return (offset.days * 86_400 + offset.seconds) * SECOND


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """All zones of the IANA database, from the package tzdata and not from the machine (P1)."""
    from importlib.resources import files  # noqa: PLC0415 - the common zone, UTC, never needs it

    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1024)
def _clock(zone: str) -> _Clock:
    return _Greenwich() if zone == "UTC" else _ZoneClock(zone_info(zone))


@lru_cache(maxsize=1024)
def zone_info(zone: str) -> ZoneInfo:
    """The rules of a time zone; raises ValueError when the IANA database has none of exactly this name.

    They come from the package tzdata rather than from the machine, so that the same log gives the same answer
    everywhere (P1); a name that was looked up in the list of zones can't reach any other file.
    """
    if not zone_exists(zone):
        raise ValueError(f"There is no time zone `{zone}`.")
    from importlib.resources import files  # noqa: PLC0415 - see above

    with files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as data:
        return _zone_class().from_file(data, key=zone)


@lru_cache(maxsize=1)
def _zone_class() -> type[ZoneInfo]:
    """A `ZoneInfo` that can be pickled: one from a file cannot, and so neither could any time in its zone."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - see above

    class Zone(ZoneInfo):
        def __reduce__(self) -> tuple[Callable[[str], ZoneInfo], tuple[str]]:
            return zone_info, (self.key,)

    return Zone


class InstantTexts(dict[int, str]):
    """What instants are written as: looked up as in any dict, and worked out where they are missing.

    Most transitions share their instants with others, so to find a text again is what has to be fast. All of
    these together hold no more than so many.
    """

    _filled: ClassVar[dict[int, InstantTexts]] = {}
    _room: ClassVar[int] = _MOST_CACHED_TEXTS

    def __init__(self, write: Callable[[int], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, instant: int) -> str:
        if InstantTexts._room <= 0:
            self._forget_all()
        InstantTexts._room -= 1
        self._filled[id(self)] = self
        text = self[instant] = self._write(instant)
        return text

    @classmethod
    def _forget_all(cls) -> None:
        for texts in list(cls._filled.values()):
            texts.clear()
        cls._filled.clear()
        cls._room = _MOST_CACHED_TEXTS


@lru_cache(maxsize=1024)
def _texts(zone: str) -> InstantTexts:
    local = _clock(zone).local
    return InstantTexts(lambda instant: local(instant).isoformat())
