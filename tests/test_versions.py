"""Versions of rulesets side by side, and the ranges that choose among them (S26)."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword import resources
from afterword.building import identity
from afterword.installed import PLACES, NotInstalledError, choose, installed, versions
from afterword.loading import RulesetError, check, load
from afterword.versions import NoRange, Version, parse_range, parse_version
from mistakes import HEAD, document, marked, problems_of

_ORDER = """
    0.0.3 0.0.4 0.1.0 0.2.0 0.2.9
    1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0
    1.2.0 1.2.9 1.3.0-rc.1 1.3.0 1.10.0 2.0.0-rc.1 2.0.0 3.1.0
"""
IN_ORDER = _ORDER.split()

RANGES = [
    ("1.2.0", "1.2.0"),
    ("=1.2.0", "1.2.0"),
    ("==1.2", "1.2.0 1.2.9"),
    ("1", "1.0.0 1.2.0 1.2.9 1.3.0 1.10.0"),
    ("1.2", "1.2.0 1.2.9"),
    ("^1", "1.0.0 1.2.0 1.2.9 1.3.0 1.10.0"),
    ("^1.2.9", "1.2.9 1.3.0 1.10.0"),
    ("^0.2", "0.2.0 0.2.9"),
    ("^0.0.3", "0.0.3"),
    ("^0.0", "0.0.3 0.0.4"),
    ("^0", "0.0.3 0.0.4 0.1.0 0.2.0 0.2.9"),
    ("~1.2", "1.2.0 1.2.9"),
    ("~1.2.5", "1.2.9"),
    ("~1", "1.0.0 1.2.0 1.2.9 1.3.0 1.10.0"),
    (">=1.3,<2", "1.3.0 1.10.0"),
    (" >= 1.3 , < 2 ", "1.3.0 1.10.0"),
    (">1", "2.0.0 3.1.0"),
    (">1.2.0,<=1.3", "1.2.9 1.3.0"),
    ("<=1.2", "0.0.3 0.0.4 0.1.0 0.2.0 0.2.9 1.0.0 1.2.0 1.2.9"),
    ("^1,!=1.2", "1.0.0 1.3.0 1.10.0"),
    ("<0.1", "0.0.3 0.0.4"),
    # a pre-release only when one of the same release is named
    ("^1.0.0-beta.2", "1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.2.0 1.2.9 1.3.0 1.10.0"),
    ("1.0.0-rc.1", "1.0.0-rc.1"),
    (">=2.0.0-rc.1", "2.0.0-rc.1 2.0.0 3.1.0"),
    (">=1.10,<2.0.0", "1.10.0"),
    (">=1.10,<2.0.0,!=2.0.0-rc.7", "1.10.0"),
]


def version(text: str) -> Version:
    found = parse_version(text)
    assert found is not None
    return found


def test_s26_versions_are_ordered_as_semantic_versioning_has_it() -> None:
    shuffled = random.Random(0).sample(IN_ORDER, len(IN_ORDER))
    assert sorted(shuffled, key=lambda text: version(text).point) == IN_ORDER
    assert version("1.0.0+a") == version("1.0.0+b")


@pytest.mark.parametrize(("range_", "fitting"), RANGES)
def test_s26_a_range_holds_the_versions_that_package_managers_say(range_: str, fitting: str) -> None:
    assert [text for text in IN_ORDER if parse_range(range_).fits(version(text))] == fitting.split()


def test_s26_a_star_is_every_release() -> None:
    assert [text for text in IN_ORDER if parse_range("*").fits(version(text))] == [
        text for text in IN_ORDER if "-" not in text
    ]


@pytest.mark.parametrize(
    "text",
    ["", "latest", "^x", "1,", "1.2.3.4", "01", ">=1 <2", "^1.2-rc.1", "1.x", "v1", "^1," * 500, "9" * 5000],
)
def test_s26_a_text_that_is_no_range_says_what_one_is(text: str) -> None:
    found = parse_range(text)
    assert isinstance(found, NoRange)
    assert found.reason.endswith(".")


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "9" * 5000 + ".0.0", "a.b.c"]
)
def test_s26_a_text_that_is_no_version_is_none(text: str) -> None:
    assert parse_version(text) is None


numbers = st.integers(0, 12)
releases = st.tuples(numbers, numbers, numbers).map(lambda each: ".".join(map(str, each)))


@given(releases, releases)
def test_s26_a_caret_never_crosses_what_may_break(low: str, other: str) -> None:
    fits = parse_range(f"^{low}").fits(version(other))
    major, minor, patch = version(low).release
    bound = (major + 1, 0, 0) if major else (0, minor + 1, 0) if minor else (0, 0, patch + 1)
    assert fits == (version(low).release <= version(other).release < bound)


@given(st.text(alphabet="^~<>=!,.-+*01x ", max_size=30))
def test_p4_any_text_is_a_range_or_says_why_not(text: str) -> None:
    found = parse_range(text)
    if isinstance(found, NoRange):
        assert found.reason
    else:
        found.fits(version("1.0.0"))


# --- on the disk


def put(place: Path, folder: str, version: str, name: str = "sample") -> Path:
    home = place / folder
    home.mkdir(parents=True)
    text = (
        document()
        .replace("version: 1.0.0", f"version: {version}")
        .replace("ruleset: sample", f"ruleset: {name}")
    )
    (home / "ruleset.yaml").write_text(text)
    return home


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What ships: `sample` in many versions, and one that exists as a pre-release only."""
    shipped = tmp_path / "shipped"
    for folder, told in (
        ("sample", "1.2.0"),
        ("sample@1.10.0", "1.10.0"),
        ("sample@2.0.0-rc.1", "2.0.0-rc.1"),
        ("sample@0.9.0", "0.9.0"),
    ):
        put(shipped, folder, told)
    put(shipped, "early", "0.1.0-alpha", "early")
    monkeypatch.setattr(resources, "ruleset_folders", lambda: shipped)
    return tmp_path


@pytest.mark.parametrize(
    ("what", "chosen"),
    [
        ("sample", "1.10.0"),
        ("sample@^1", "1.10.0"),
        ("sample@~1.2", "1.2.0"),
        ("sample@>=0.5,<1", "0.9.0"),
        ("sample@1", "1.10.0"),
        ("sample@*", "1.10.0"),
        ("sample@1.2.0", "1.2.0"),
        ("sample@^2.0.0-rc.1", "2.0.0-rc.1"),
        ("sample@2.0.0-rc.1", "2.0.0-rc.1"),
        ("early", "0.1.0-alpha"),
    ],
)
def test_s26_the_newest_installed_version_that_fits_is_chosen(shelf: Path, what: str, chosen: str) -> None:
    assert load(what).version == chosen


@pytest.mark.parametrize(
    ("what", "code", "message", "hint"),
    [
        ("sample@^3", "unknown-ruleset", "No installed version of `sample` fits `^3`.", "`sample@1.10.0`"),
        ("sample@^2", "unknown-ruleset", "No installed version", "`sample@2.0.0-rc.1`"),
        ("sample@7.0.0", "unknown-ruleset", "Version 7.0.0 of `sample` is not installed.", "`sample@0.9.0`"),
        ("sample@newest", "bad-version", "`newest` is no range of versions", ""),
        ("sample@", "bad-version", "no range of versions", ""),
        ("smaple@^1", "unknown-ruleset", "No ruleset `smaple` is installed", "did you mean `sample`?"),
    ],
)
def test_s26_when_no_version_fits_those_that_exist_are_told(
    shelf: Path, what: str, code: str, message: str, hint: str
) -> None:
    ruleset, (problem,) = check(what)
    assert ruleset is None
    assert problem.code == code
    assert message in problem.message
    assert hint in problem.hint


def test_s26_folders_that_the_environment_names_go_before_what_ships(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = shelf / "ours", shelf / "theirs"
    put(ours, "sample@1.10.0", "1.10.0")
    put(theirs, "sample", "1.11.0")
    put(theirs, "house-rules", "3.0.0", "house-rules")
    monkeypatch.setenv(PLACES, os.pathsep.join([str(ours), "", str(theirs)]))
    assert choose("sample", "1.10.0").path == ours / "sample@1.10.0"
    assert load("sample").version == "1.11.0"
    assert load("house-rules@^3").name == "house-rules"
    assert [each.version for each in versions("sample")] == [
        "0.9.0",
        "1.2.0",
        "1.10.0",
        "1.11.0",
        "2.0.0-rc.1",
    ]


def test_s26_a_place_that_is_none_is_told_when_something_is_not_found(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PLACES, str(shelf / "nowhere"))
    assert load("sample").version == "1.10.0"
    with pytest.raises(NotInstalledError) as raised:
        choose("house-rules")
    assert "nowhere`, which AFTERWORD_RULESETS names, is no folder" in raised.value.hint


@pytest.mark.parametrize(
    ("folder", "told", "name", "word"),
    [
        ("sample@3.0.0", "3.0.1", "sample", "3.0.1"),
        ("sample@3.0.0", "3.0.0", "simple", "simple"),
        ("other", "1.0.0", "sample", "sample"),
    ],
)
def test_s26_a_folder_is_called_what_its_ruleset_calls_itself(
    shelf: Path, folder: str, told: str, name: str, word: str
) -> None:
    home = put(shelf / "shipped", folder, told, name)
    (problem,) = check(folder)[1]
    assert problem.code == "misnamed-folder"
    assert problem.file == (home / "ruleset.yaml").as_posix()
    assert f"`{word}`" in problem.message


@pytest.mark.parametrize(
    "manifest", ["{schema: afterword/1, version: 1.0.0}", '"version": "1.0.0"\n', "version:  1.0.0 # x"]
)
def test_s26_a_manifest_may_write_its_version_as_it_likes(shelf: Path, manifest: str) -> None:
    (shelf / "shipped" / "odd").mkdir()
    (shelf / "shipped" / "odd" / "ruleset.yaml").write_text(manifest)
    assert [each.version for each in versions("odd")] == ["1.0.0"]


@pytest.mark.parametrize("manifest", ["version: one\n", "[", "\0", "", "version: " + "9" * 5000 + ".0.0"])
def test_p3_a_manifest_without_a_version_is_found_by_its_name_and_told(shelf: Path, manifest: str) -> None:
    (shelf / "shipped" / "odd").mkdir()
    (shelf / "shipped" / "odd" / "ruleset.yaml").write_text(manifest)
    assert "odd" in [each.name for each in installed()]
    with pytest.raises(RulesetError):
        load("odd")
    assert check("odd@^1")[1][0].code == "unknown-ruleset"


# --- the engine


@pytest.mark.parametrize("wanted", [">=0.1", "^0.4", "~0.4.1", "0.4.2", ">=0.1,<2", ">0.4.1", "!=0.3", "*"])
def test_s26_a_ruleset_may_ask_for_versions_of_the_engine(
    wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "__version__", "0.4.2.dev3")
    assert problems_of(document(f'{HEAD}requires_engine: "{wanted}"\n')) == []


@pytest.mark.parametrize("wanted", ["^1", "~0.3", "<0.4", ">=0.4.3", "0.4.1", ">=0.1,<0.4"])
def test_s26_an_engine_that_does_not_fit_is_a_problem(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "__version__", "0.4.2")
    text, line, column = marked(document(f'{HEAD}requires_engine: «"{wanted}"»\n'))
    (problem,) = problems_of(text)
    assert (problem.code, problem.line, problem.column) == ("wrong-engine", line, column)
    assert wanted in problem.message
    assert "0.4.2" in problem.message


@pytest.mark.parametrize("wanted", ["1.x", ">=1 <2", "latest", "^"])
def test_s26_a_range_of_engines_that_is_none_is_one_problem(wanted: str) -> None:
    (problem,) = problems_of(document(f'{HEAD}requires_engine: "{wanted}"\n'))
    assert problem.code == "bad-format"
