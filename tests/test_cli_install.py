"""`afterword rules install`: a ruleset is put where its name is looked for, all of it or nothing (S26)."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from on_disk import MANIFEST, RULES, TESTS, call, write

OURS = """
    schema: afterword/1
    ruleset: ours
    version: 1.0.0
    extends: ./base
    override: {rules: {say-thanks: {severity: low}}}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERWORD_RULESETS", "shelf")
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_s26_an_installed_ruleset_is_found_by_its_name(here: Path) -> None:
    write(here / "small")
    result = call("rules", "install", "small")
    assert (result.exit_code, result.stdout) == (0, "small 1.0.0 is installed now, in shelf/small@1.0.0.\n")
    assert tree(here / "shelf") == {
        f"small@1.0.0/{name}": text for name, text in tree(here / "small").items()
    }
    assert call("rules", "show", "say-thanks", "--rules", "small@^1").exit_code == 0
    assert call("check", "small").stdout == "No problems in 2 documents.\n"


@pytest.mark.parametrize(
    "command", ["rules list --rules small", "diff small ./small", "evaluate log.jsonl --rules small"]
)
def test_s26_it_is_told_that_an_installed_ruleset_is_meant_and_not_the_folder_here(
    here: Path, command: str
) -> None:
    write(here / "small")
    (here / "log.jsonl").write_text("", encoding="utf-8")
    told = "small is the installed ruleset small@1.0.0; write ./small for what stands here.\n"
    assert told not in call(*command.split()).stderr
    call("rules", "install", "small")
    assert told in call(*command.split()).stderr
    assert "./small" not in call(*command.replace(" small", " small@1.0.0").split()).stderr
    assert call("evaluate", "log.jsonl", "--rules", "small", "-q").stderr == ""
    assert call("check", "small").stderr == ""


def test_s26_several_versions_are_installed_side_by_side(here: Path) -> None:
    for version in ("1.0.0", "1.1.0"):
        write(here / "small", MANIFEST.replace("version: 1.0.0", f"version: {version}"))
        assert call("rules", "install", "small").exit_code == 0
    assert sorted(each.name for each in (here / "shelf").iterdir()) == ["small@1.0.0", "small@1.1.0"]


def test_s26_to_install_the_same_again_changes_nothing(here: Path) -> None:
    write(here / "small")
    call("rules", "install", "small")
    again = call("rules", "install", "small")
    assert (again.exit_code, again.stdout) == (
        0,
        "small 1.0.0 is installed already, in shelf/small@1.0.0.\n",
    )


@pytest.mark.parametrize("name", ["ruleset.yaml", "rules/all.yaml", "tests/all.yaml"])
def test_s26_what_is_installed_as_a_version_is_never_changed(here: Path, name: str) -> None:
    write(here / "small")
    call("rules", "install", "small")
    before = tree(here / "shelf")
    file = here / "small" / name
    file.write_bytes(file.read_bytes() + b"# edited\n")
    result = call("rules", "install", "small")
    assert result.exit_code == 1
    assert result.stderr == (
        "Not installed: small@1.0.0 is installed already, in shelf/small@1.0.0, and is not the same; raise `version` "
        "(`afterword diff shelf/small@1.0.0 small` says to which).\n"
    )
    assert tree(here / "shelf") == before


def test_s26_a_version_that_ships_is_not_hidden_by_another_content(here: Path) -> None:
    manifest = MANIFEST.replace("ruleset: small", "ruleset: after-interview")
    write(here / "small", manifest)
    result = call("rules", "install", "small")
    assert result.exit_code == 1
    assert "after-interview@1.0.0 is installed already" in result.stderr
    assert not (here / "shelf").exists()


def test_s27_what_is_extended_by_a_path_comes_along(here: Path) -> None:
    write(here / "ours" / "base")
    (here / "ours" / "ruleset.yaml").write_text(dedent(OURS))
    (here / "ours" / "README.md").write_text("Ours.\n")
    (here / "ours" / "notes.txt").write_text("not to be installed\n")
    assert call("rules", "install", "ours").exit_code == 0
    installed = tree(here / "shelf" / "ours@1.0.0")
    assert "base/ruleset.yaml" in installed
    assert "README.md" in installed
    assert "notes.txt" not in installed
    assert call("check", "ours").exit_code == 0


def test_s27_a_ruleset_of_one_file_gets_a_folder(here: Path) -> None:
    write(here / "base")
    (here / "ours.yaml").write_text(dedent(OURS))
    assert call("rules", "install", "ours.yaml").exit_code == 0
    installed = tree(here / "shelf" / "ours@1.0.0")
    assert installed["ruleset.yaml"] == (here / "ours.yaml").read_bytes()
    assert "base/ruleset.yaml" in installed


def test_s27_a_file_that_would_mean_something_else_in_a_folder_is_refused(here: Path) -> None:
    # Both would be called `ruleset.yaml` there.
    (here / "ruleset.yaml").write_text(dedent(MANIFEST) + dedent(RULES))
    (here / "ours.yaml").write_text(dedent(OURS).replace("./base", "./ruleset.yaml"))
    result = call("rules", "install", "ours.yaml")
    assert result.exit_code == 1
    assert "put it into a folder of its own" in result.stderr
    assert tree(here / "shelf") == {}
    assert list((here / "shelf").iterdir()) == []


def test_p3_a_ruleset_with_an_error_is_not_installed(here: Path) -> None:
    write(here / "small", MANIFEST.replace("version: 1.0.0", "version: one"))
    result = call("rules", "install", "small")
    assert result.exit_code == 1
    assert "error[" in result.stderr
    assert not (here / "shelf").exists()


def test_s30_a_ruleset_whose_tests_fail_is_not_installed(here: Path) -> None:
    write(here / "small", tests=TESTS.replace("state: missed", "state: due"))
    result = call("rules", "install", "small")
    assert result.exit_code == 1
    assert "The thanks are due for a week\n" in result.stderr
    assert "Not installed; `afterword test small` says what failed.\n" in result.stderr
    assert not (here / "shelf").exists()


def test_where_to_install_has_to_be_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here / "small")
    monkeypatch.delenv("AFTERWORD_RULESETS")
    refused = call("rules", "install", "small")
    assert refused.exit_code == 2
    assert "name a folder for rulesets with --into" in refused.stderr
    said = call("rules", "install", "small", "--into", "other")
    assert said.exit_code == 0
    assert said.stdout.endswith(
        f"\nCommands find it once AFTERWORD_RULESETS names {(here / 'other').resolve()}.\n"
    )


def test_what_is_no_ruleset_is_refused(here: Path) -> None:
    write(here / "two" / "a")
    write(here / "two" / "b", MANIFEST.replace("ruleset: small", "ruleset: other"))
    (here / "log.jsonl").write_text('{"type": "call.made", "time": "2026-03-02T15:00:00Z"}\n')
    assert "name the file or folder of one ruleset" in call("rules", "install", "two").stderr
    assert call("rules", "install", "nowhere").exit_code == 2
    assert "event log" in call("rules", "install", "log.jsonl").stderr


def test_a_folder_that_cannot_be_written_is_told(here: Path) -> None:
    write(here / "small")
    (here / "file").write_text("")
    result = call("rules", "install", "small", "--into", "file")
    assert result.exit_code == 2
    assert "file: nothing can be installed there: " in result.stderr


def test_s26_a_copy_that_was_cut_short_leaves_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here / "small")
    write_bytes = Path.write_bytes

    def full(file: Path, text: bytes) -> int:
        if file.parent.name == "tests":
            raise OSError(28, "No space left on device")
        return write_bytes(file, text)

    monkeypatch.setattr(Path, "write_bytes", full)
    result = call("rules", "install", "small")
    assert result.exit_code == 2
    assert "no space left on device" in result.stderr
    assert list((here / "shelf").iterdir()) == []


def test_a_file_that_cannot_be_copied_is_told_and_not_the_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here / "small")
    (here / "small" / "README.md").write_text("Small.\n")
    read_bytes = Path.read_bytes

    def refused(file: Path) -> bytes:
        if file.name == "README.md":
            raise PermissionError(13, "Permission denied")
        return read_bytes(file)

    monkeypatch.setattr(Path, "read_bytes", refused)
    result = call("rules", "install", "small")
    assert result.exit_code == 1
    assert result.stderr == "Not installed: small/README.md cannot be read: permission denied.\n"
    assert not (here / "shelf").exists()
