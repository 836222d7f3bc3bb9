"""The cache of checked rulesets: never needed, never wrong, and of no use to whoever tampers with it (P4)."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

import afterword
from afterword import cache as caches
from afterword import kept
from afterword.cache import Cache, user_cache
from afterword.events import decode
from afterword.loading import load
from afterword.ruleset import Ruleset
from afterword_cli.main import afterword as command
from mistakes import document, with_rule
from on_disk import write

EXAMPLES = Path(__file__).parents[1] / "examples"

EVERYTHING = with_rule(
    """
    severity: high
    when:
      event: message.drafted
      where:
        all:
          - {text: {mentions: $job_words, words: {gt: 3}, matches: "^Dear"}}
          - any: [{size: {in: $sizes}}, {score: {between: [1, 2.5]}}, {not: {purpose: {exists: true}}}]
        case.decision_date: {before: {field: event.time}}
        purpose: {is_not: null}
    while: [{case: open}, {since: accepted, until: [{event: note.made}, {plus: 2 weeks}]}]
    unless: {event: note.made, within: $patience}
    cooldown: 36 hours
    effective: {from: 2026-01-01}
    """
)


class Places(NamedTuple):
    """Where a cache is, and a ruleset on the disk."""

    cache: Cache
    folder: Path
    key: Path
    rules: Path

    def entries(self) -> list[Path]:
        return sorted(self.folder.glob("*.afterword"))


@pytest.fixture
def at(tmp_path: Path) -> Places:
    folder, key = tmp_path / "cache", tmp_path / "state" / "key"
    (tmp_path / "rules.yaml").write_text(document())
    return Places(Cache(folder, key), folder, key, tmp_path / "rules.yaml")


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every time that a ruleset is read and checked, and not had from the cache."""
    made: list[object] = []
    from afterword import layers  # noqa: PLC0415

    build = layers.build
    monkeypatch.setattr(layers, "build", lambda *told: (made.append(told), build(*told))[1])
    return made


# --- what is had again


@pytest.mark.parametrize("what", ["after-interview", EXAMPLES / "library-loans", document(), EVERYTHING])
def test_what_is_had_again_is_the_same(at: Places, checks: list[object], what: str | Path) -> None:
    first = load(what, cache=at.cache)
    again = load(what, cache=at.cache)
    assert len(checks) == 1
    assert again == first
    assert sorted(repr(again)) == sorted(repr(first))  # a set has no order, and `True == 1`


def test_a_truth_a_number_and_a_text_stay_what_they_are(at: Places) -> None:
    text = with_rule(
        "when: {event: message.drafted, where: "
        "{any: [{size: 1}, {score: 1.0}, {score: 1}, {purpose: '1'}, {purpose: null}]}}"
    ).replace("score: {type: number}", "score: {type: number, enum: [1.0, 2.5]}")
    first, again = load(text, cache=at.cache), load(text, cache=at.cache)
    assert repr(again.rules) == repr(first.rules)
    assert repr(again.events) == repr(first.events)


def test_what_is_had_again_gives_the_same_answers(at: Places) -> None:
    def answers(rules: Ruleset) -> list[bytes]:
        lines = (EXAMPLES / "two-weeks.jsonl").read_bytes().splitlines()
        events = [decode(line) for line in lines]
        return [transition.as_json() for transition in afterword.evaluate(rules, events)]

    load("after-interview", cache=at.cache)
    assert answers(load("after-interview", cache=at.cache)) == answers(load("after-interview"))


def test_each_setting_has_an_entry_of_its_own(at: Places, checks: list[object]) -> None:
    for value in ("150", 150, 200, True, "200"):
        try:
            limit = load(at.rules, {"limit": value}, cache=at.cache).params["limit"].value
        except afterword.RulesetError:
            assert value is True
        else:
            assert limit == int(value)
    assert len(checks) == 5
    assert load(at.rules, {"limit": 200}, cache=at.cache).params["limit"].value == 200
    assert len(checks) == 5


def test_what_is_wrong_is_told_every_time_and_never_kept(at: Places) -> None:
    at.rules.write_text(document().replace("per: subject", "per: person"))
    for _ in range(2):
        with pytest.raises(afterword.RulesetError) as raised:
            load(at.rules, cache=at.cache)
        assert [problem.code for problem in raised.value.problems] == ["not-allowed"]
    assert at.entries() == []


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="a shell has no other name for a pipe")
def test_a_pipe_is_read_once(at: Places) -> None:
    reading, writing = os.pipe()
    os.write(writing, document().encode())
    os.close(writing)
    assert load(f"/dev/fd/{reading}", cache=at.cache).name == "sample"
    os.close(reading)
    assert at.entries() == []


# --- what makes it stale


def test_a_changed_file_is_read_anew(at: Places) -> None:
    assert load(at.rules, cache=at.cache).version == "1.0.0"
    at.rules.write_text(document().replace("version: 1.0.0", "version: 1.0.1"))
    assert load(at.rules, cache=at.cache).version == "1.0.1"


def test_another_file_of_the_folder_is_read_anew(tmp_path: Path, at: Places) -> None:
    home = write(tmp_path / "small")
    before = load(home, cache=at.cache)
    (home / "rules" / "zz.yaml").write_text(
        "rules: [{id: late, kind: warning, when: {event: interview.ended}, message: Late.}]"
    )
    assert len(load(home, cache=at.cache).rules) == len(before.rules) + 1


def test_s27_a_changed_base_is_read_anew(tmp_path: Path, at: Places, checks: list[object]) -> None:
    (tmp_path / "base.yaml").write_text(document())
    top = tmp_path / "top.yaml"
    top.write_text("schema: afterword/1\nruleset: top\nversion: 1.0.0\nextends: ./base.yaml\n")
    first = load(top, cache=at.cache)
    assert load(top, cache=at.cache) == first
    assert len(checks) == 1
    (tmp_path / "base.yaml").write_text(document().replace("{params.limit}", "{params.limit}!"))
    assert load(top, cache=at.cache) != first
    (tmp_path / "base.yaml").unlink()
    with pytest.raises(afterword.RulesetError):
        load(top, cache=at.cache)


def test_s26_a_newer_version_of_an_installed_base_is_taken(
    tmp_path: Path, at: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = tmp_path / "shelf"
    monkeypatch.setenv("AFTERWORD_RULESETS", str(shelf))

    def install(version: str) -> None:
        home = shelf / f"sample@{version}"
        home.mkdir(parents=True)
        text = document().replace("version: 1.0.0", f"version: {version}")
        (home / "ruleset.yaml").write_text(text.replace("hello", f"hello {version}"))

    install("1.0.0")
    top = "schema: afterword/1\nruleset: top\nversion: 1.0.0\nextends: sample@^1\n"
    assert load(top, cache=at.cache).params["greeting"].value == "hello 1.0.0"
    install("1.1.0")
    assert load(top, cache=at.cache).params["greeting"].value == "hello 1.1.0"


@pytest.mark.parametrize(
    "made_otherwise",
    [
        lambda monkeypatch: monkeypatch.setattr(kept, "__version__", "99.0.0"),
        lambda monkeypatch: monkeypatch.setattr(kept, "_workshop", lambda: [("engine.py", 1, 1)]),
        lambda monkeypatch: monkeypatch.setattr(kept, "_FORMAT", 0),
    ],
)
def test_what_another_engine_checked_is_checked_anew(
    at: Places, checks: list[object], monkeypatch: pytest.MonkeyPatch, made_otherwise: Callable[..., None]
) -> None:
    load(at.rules, cache=at.cache)
    made_otherwise(monkeypatch)
    load(at.rules, cache=at.cache)
    assert len(checks) == 2


def test_the_code_and_the_packages_that_check_are_part_of_the_name(tmp_path: Path) -> None:
    told = {Path(path).name for path, _, _ in kept._workshop()}
    assert {"build.py", "moments.py", "ruleset.schema.json", "accept.py"} <= told
    assert any("holidays" in path for path, _, _ in kept._workshop())


# --- what somebody else has done to it

TAMPERED: dict[str, Callable[[Path], object]] = {
    "empty": lambda entry: entry.write_bytes(b""),
    "cut off": lambda entry: entry.write_bytes(entry.read_bytes()[:-5]),
    "longer": lambda entry: entry.write_bytes(entry.read_bytes() + b"\0"),
    "one bit": lambda entry: entry.write_bytes(
        entry.read_bytes()[:-9] + bytes([entry.read_bytes()[-9] ^ 1]) + entry.read_bytes()[-8:]
    ),
    "another text in it": lambda entry: entry.write_bytes(entry.read_bytes().replace(b"hello", b"adieu")),
    "no seal": lambda entry: entry.write_bytes(entry.read_bytes()[caches._SEAL_BYTES :]),
    "a folder": lambda entry: (entry.unlink(), entry.mkdir()),
    "a pipe": lambda entry: (entry.unlink(), os.mkfifo(entry)),
    "a link": lambda entry: (entry.rename(entry.with_name("x")), entry.symlink_to(entry.with_name("x"))),
    "writable for all": lambda entry: entry.chmod(0o666),
}


@pytest.mark.skipif(sys.platform == "win32", reason="pipes, links and modes are those of POSIX")
@pytest.mark.parametrize("how", TAMPERED)
def test_p4_an_entry_that_is_not_as_it_was_written_is_no_entry(
    at: Places, checks: list[object], how: str
) -> None:
    first = load(at.rules, cache=at.cache)
    (entry,) = at.entries()
    TAMPERED[how](entry)
    assert load(at.rules, cache=at.cache) == first
    assert len(checks) == 2
    if how != "a folder":  # which is left alone, and so is whatever is in it
        assert load(at.rules, cache=at.cache) == first
        assert len(checks) == 2  # it was written anew


def test_p4_an_entry_under_the_name_of_another_is_no_entry(at: Places, checks: list[object]) -> None:
    load(at.rules, {"limit": 1}, cache=at.cache)
    (one,) = at.entries()
    load(at.rules, {"limit": 2}, cache=at.cache)
    (other,) = set(at.entries()) - {one}
    one.write_bytes(other.read_bytes())
    assert load(at.rules, {"limit": 1}, cache=at.cache).params["limit"].value == 1
    assert len(checks) == 3


def test_p4_a_cache_from_elsewhere_is_not_believed(at: Places, checks: list[object]) -> None:
    load(at.rules, cache=at.cache)
    at.key.write_bytes(bytes(32))  # as on a machine that the folder was copied to
    load(at.rules, cache=at.cache)
    assert len(checks) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_p4_a_key_that_others_can_read_is_replaced(at: Places, checks: list[object], mode: int) -> None:
    load(at.rules, cache=at.cache)
    before = at.key.read_bytes()
    at.key.chmod(mode)
    load(at.rules, cache=at.cache)
    assert at.key.read_bytes() != before
    assert stat.S_IMODE(at.key.stat().st_mode) == 0o600
    assert len(checks) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
def test_p4_a_folder_that_others_can_write_to_is_not_used(at: Places, checks: list[object]) -> None:
    at.folder.mkdir()
    at.folder.chmod(0o777)
    load(at.rules, cache=at.cache)
    load(at.rules, cache=at.cache)
    assert len(checks) == 2
    assert at.entries() == []


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
def test_p4_entries_are_for_their_user_alone(at: Places) -> None:
    load(at.rules, cache=at.cache)
    for path, mode in ((at.folder, 0o700), (at.entries()[0], 0o600), (at.key, 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


# --- where nothing can be kept


@pytest.mark.parametrize("folder", ["rules.yaml", "rules.yaml/below", "dev/null\0"])
def test_where_nothing_can_be_written_it_loads_all_the_same(tmp_path: Path, at: Places, folder: str) -> None:
    nowhere = Cache(tmp_path / folder, at.key)
    assert load(at.rules, cache=nowhere) == load(at.rules)
    keyless = Cache(at.folder, tmp_path / folder)
    assert load(at.rules, cache=keyless) == load(at.rules)
    assert at.rules.read_text() == document()


def test_what_is_too_large_is_not_kept(at: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "MOST_BYTES", 400)
    at.cache.put(b"small", bytes(100))
    at.cache.put(b"large", bytes(101))
    assert at.cache.get(b"small") == bytes(100)
    assert at.cache.get(b"large") is None


@pytest.mark.parametrize(("name", "limit"), [("MOST_ENTRIES", 3), ("MOST_BYTES", 500)])
def test_the_oldest_make_room(at: Places, monkeypatch: pytest.MonkeyPatch, name: str, limit: int) -> None:
    monkeypatch.setattr(caches, name, limit)
    for number in range(6):
        at.cache.put(bytes([number]), bytes(100))
        for age, entry in enumerate(at.entries()):  # the clock need not have moved since the last
            if at.cache.get(bytes([number])) is not None and entry.stat().st_mtime > 1e9:
                os.utime(entry, (number + age / 100, number + age / 100))
    assert at.cache.get(bytes([5])) == bytes(100)
    assert at.cache.get(bytes([0])) is None
    assert len(at.entries()) == 3


def test_what_was_left_half_written_goes_with_the_old(at: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    at.cache.put(b"one", b"1")
    left = at.folder / ".0123456789abcdef.tmp"
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    monkeypatch.setattr(caches, "MOST_ENTRIES", 1)
    at.cache.put(b"one", b"1")
    assert not left.exists()
    assert at.cache.get(b"one") == b"1"


def test_many_at_once_read_and_write_whole_entries(at: Places) -> None:
    def work(number: int) -> bool:
        mine = Cache(at.folder, at.key)
        content = bytes([number % 7]) * 50_000
        for _ in range(20):
            mine.put(b"same", content)
            found = mine.get(b"same")
            if found is None or len(found) != 50_000 or len(set(found)) != 1:
                return False
        return True

    at.cache.put(b"same", b"")  # so that there is a key
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert at.cache.get(b"same") is not None
    assert [path.suffix for path in at.folder.iterdir()] == [".afterword"]


def test_a_file_that_changes_while_it_is_read_is_kept_as_what_was_read(
    at: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    from afterword import layers  # noqa: PLC0415

    newer = document().replace("version: 1.0.0", "version: 2.0.0")
    read = layers.read

    def read_late(path: Path) -> list[tuple[str, bytes]]:
        at.rules.write_text(newer)  # after the cache was asked for what stood there before
        return read(path)

    monkeypatch.setattr(layers, "read", read_late)
    assert load(at.rules, cache=at.cache).version == "2.0.0"
    at.rules.write_text(document())
    monkeypatch.setattr(layers, "read", read)
    assert load(at.rules, cache=at.cache).version == "1.0.0"


# --- where it is


@pytest.mark.skipif(sys.platform == "win32", reason="XDG says where things are on POSIX")
@pytest.mark.parametrize(
    ("environment", "folder", "key"),
    [
        ({}, "home/.cache/afterword", "home/.local/state/afterword/cache.key"),
        ({"XDG_CACHE_HOME": "{}/c", "XDG_STATE_HOME": "{}/s"}, "c/afterword", "s/afterword/cache.key"),
        (
            {"XDG_CACHE_HOME": "not/absolute"},
            "home/.cache/afterword",
            "home/.local/state/afterword/cache.key",
        ),
        ({"AFTERWORD_CACHE": "{}/mine"}, "mine", "home/.local/state/afterword/cache.key"),
    ],
)
def test_the_environment_says_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], folder: str, key: str
) -> None:
    for name in ("AFTERWORD_CACHE", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(tmp_path))
    cache = user_cache()
    assert cache is not None
    cache.put(b"name", b"content")
    assert len(list((tmp_path / folder).glob("*.afterword"))) == 1
    assert (tmp_path / key).is_file()


@pytest.mark.parametrize("off", ["off", "OFF", " off "])
def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, off: str) -> None:
    monkeypatch.setenv("AFTERWORD_CACHE", off)
    assert user_cache() is None


def test_without_a_home_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(_: type[Path]) -> Path:
        raise RuntimeError

    monkeypatch.delenv("AFTERWORD_CACHE")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", classmethod(homeless))
    assert user_cache() is None


def test_the_library_writes_nothing_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_CACHE", str(tmp_path / "cache"))
    load("after-interview")
    assert not (tmp_path / "cache").exists()


def test_check_never_looks_into_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_CACHE", str(tmp_path / "cache"))
    (tmp_path / "rules.yaml").write_text(document())
    result = CliRunner().invoke(command, ["check", str(tmp_path / "rules.yaml")])
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "cache").exists()


# --- what is imported


def run(code: str, *arguments: str, **environment: str) -> str:
    """What the code prints in a process of its own."""
    path = os.pathsep.join(each for each in sys.path if each)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, **environment},
        timeout=60,
    )
    return done.stdout


RUN = (
    "import sys\nfrom afterword_cli.main import main\n"
    "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    "sys.stdout.flush()\nprint('\\nLOADED', *sys.modules)\n"
)
HEAVY = frozenset(
    ("yaml", "jsonschema", "rich", "holidays", "re2", "icalendar", "multiprocessing", "importlib.metadata")
)


def loaded(*arguments: str, **environment: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    return set(run(RUN, *arguments, **environment).rpartition("LOADED")[2].split())


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_to_say_what_it_is_it_imports_nothing_heavy(flag: str) -> None:
    assert not {*HEAVY, "msgspec", "afterword.loading", "afterword.engine"} & loaded(flag)


def test_the_second_time_neither_yaml_nor_any_check_is_imported(tmp_path: Path) -> None:
    home = {"AFTERWORD_CACHE": str(tmp_path / "cache"), "XDG_STATE_HOME": str(tmp_path / "state")}
    log = str(EXAMPLES / "two-weeks.jsonl")
    first = loaded("evaluate", log, **home)
    assert "yaml" in first
    assert "jsonschema" not in first  # nothing is wrong, so nobody asks what
    again = loaded("evaluate", log, **home)
    assert not {*HEAVY, "afterword.schema", "afterword.build", "afterword.yaml_tree"} & again
    assert run(RUN, "evaluate", log, **home) != ""
