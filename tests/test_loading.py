"""Rulesets by name, by path and as text; what is not there or cannot be read is a problem, never a traceback (P3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterword import resources
from afterword.limits import MAX_BYTES
from afterword.loading import RulesetError, check, installed, load, locate, read
from mistakes import document


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place with three installed rulesets, two of them versions of one."""
    for folder, version in (("sample", "1.2.0"), ("sample@1.10.0", "1.10.0"), ("other", "0.1.0")):
        (tmp_path / folder).mkdir()
        text = document().replace("version: 1.0.0", f"version: {version}")
        (tmp_path / folder / "ruleset.yaml").write_text(text)
    (tmp_path / "no-ruleset").mkdir()
    monkeypatch.setattr(resources, "ruleset_folders", lambda: tmp_path)
    return tmp_path


def only_problem(what: str | Path) -> tuple[str, str]:
    with pytest.raises(RulesetError) as raised:
        load(what)
    (problem,) = raised.value.problems
    assert str(raised.value) == str(problem)
    return problem.code, f"{problem.message} {problem.hint}"


def test_the_shipped_ruleset_is_found_by_its_name() -> None:
    assert load("after-interview").name == "after-interview"
    assert "after-interview" in [each.name for each in installed()]


@pytest.mark.parametrize(
    ("name", "version"), [("sample", "1.10.0"), ("sample@1.2.0", "1.2.0"), ("sample@1.10.0", "1.10.0")]
)
def test_s26_versions_of_a_ruleset_stand_side_by_side(shelf: Path, name: str, version: str) -> None:
    assert load(name).version == version


def test_s26_what_is_installed_is_listed_with_its_versions(shelf: Path) -> None:
    assert [(each.name, each.version) for each in installed()] == [
        ("other", "0.1.0"),
        ("sample", "1.2.0"),
        ("sample", "1.10.0"),
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("smaple", "did you mean `sample`?"), ("smaple@1.0.0", "`sample`"), ("sample@9.0.0", "`sample@1.10.0`")],
)
def test_p3_an_unknown_name_is_a_problem_with_a_hint(shelf: Path, name: str, hint: str) -> None:
    code, said = only_problem(name)
    assert code == "unknown-ruleset"
    assert hint in said


def test_a_file_a_folder_and_a_text_give_the_same_ruleset(tmp_path: Path) -> None:
    (tmp_path / "ruleset.yaml").write_text(document())
    digests = {load(tmp_path).digest, load(str(tmp_path / "ruleset.yaml")).digest, load(document()).digest}
    assert len(digests) == 1


def test_s15_params_can_be_set(tmp_path: Path) -> None:
    assert load(document(), {"limit": "3"}).params["limit"].value == 3
    with pytest.raises(RulesetError) as raised:
        load(document(), {"limt": "3"})
    assert [problem.code for problem in raised.value.problems] == ["unknown-param"]


def test_s26_a_folder_reads_as_one_document_and_names_the_file_of_a_problem(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "tests").mkdir()
    head, _, rules = document().partition("rules:\n")
    (tmp_path / "ruleset.yaml").write_text(head)
    (tmp_path / "rules" / "a.yaml").write_text(f"rules:\n{rules}")
    (tmp_path / "rules" / "b.yml").write_text(
        "rules:\n  - {id: more, kind: warning, when: acceptd, message: x}\n"
    )
    (tmp_path / "tests" / "a.yaml").write_text("[")
    ruleset, (problem,) = check(tmp_path)
    assert ruleset is None
    assert (problem.file, problem.line, problem.column) == ((tmp_path / "rules" / "b.yml").as_posix(), 2, 37)


def test_p3_warnings_do_not_keep_a_ruleset_from_loading() -> None:
    text = document().replace("lists:\n", "lists:\n  spare: [x]\n")
    assert load(text).name == "sample"
    assert [problem.severity for problem in check(text)[1]] == ["warning"]


def test_p3_all_problems_are_told_in_one_error() -> None:
    with pytest.raises(RulesetError) as raised:
        load(document().replace("kind: warning", "kind: warn").replace("version: 1.0.0", "version: 1"))
    assert [problem.code for problem in raised.value.problems] == ["wrong-type", "not-allowed"]
    assert len(str(raised.value).splitlines()) == 2


def test_p3_a_missing_file_is_a_problem_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "advice.yaml").touch()
    code, said = only_problem(tmp_path / "advise.yaml")
    assert code == "missing-file"
    assert "advice.yaml" in said
    assert only_problem("no/such/folder/at.all")[0] == "missing-file"
    assert only_problem("a\0b")[0] == "missing-file"
    assert only_problem("x" * 5000)[0] in ("unknown-ruleset", "missing-file")


def test_p3_a_folder_without_a_ruleset_is_a_problem(tmp_path: Path) -> None:
    assert only_problem(tmp_path)[0] == "missing-file"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\x89PNG\r\n\x1a\n\0", "not-text"), (b"x" * (MAX_BYTES + 5), "too-large"), (b"", "wrong-type")],
)
def test_p4_a_file_that_is_no_rule_file_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    assert only_problem(tmp_path / "a.yaml")[0] == code


def test_p4_no_more_of_a_file_is_read_than_a_rule_file_may_have(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"x" * (MAX_BYTES * 2))
    ((_, text),) = read(tmp_path / "a.yaml")
    assert len(text) == MAX_BYTES + 1


def test_p3_a_file_that_cannot_be_read_is_a_problem_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "ruleset.yaml").mkdir()
    code, said = only_problem(tmp_path)
    assert code == "unreadable-file"
    assert "directory" in said


def test_p4_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("a: 1")
    folder = tmp_path / "mine"
    (folder / "rules").mkdir(parents=True)
    (folder / "ruleset.yaml").write_text(document())
    (folder / "rules" / "a.yaml").symlink_to(tmp_path / "secret.yaml")
    assert only_problem(folder)[0] == "unreadable-file"


def test_a_name_goes_before_a_file_of_that_name(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate("sample") == shelf / "sample@1.10.0"
    assert locate("./sample") == Path("sample")
