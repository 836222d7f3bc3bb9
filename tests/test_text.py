"""Words, phrases and patterns in text that people wrote (S13)."""

from unicodedata import category, combining, normalize

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afterword.text import LONGEST_PHRASE, MOST_SPANS, BadPattern, Match, fold, mentions, regex, words


def found(phrase: str, text: str) -> list[str]:
    return [match.text for match in mentions((phrase,))(text)]


@pytest.mark.parametrize(
    ("phrase", "text", "spans"),
    [
        ("forgot to mention", "I forgot to mention it", ["forgot to mention"]),
        ("forgot to mention", "FORGOT To Mention", ["FORGOT To Mention"]),
        ("forgot to mention", "forgot\n\t to\u00a0mention", ["forgot\n\t to\u00a0mention"]),
        ("forgot  to\nmention", "forgot to mention", ["forgot to mention"]),
        ("forgot to mention", "forgot to mentioned", []),
        ("forgot to mention", "unforgot to mention", []),
        ("forgot to mention", "forgot to, mention", []),
        ("interview", "The interview's over (interview).", ["interview", "interview"]),
        ("interview", "an interview_1", []),
        ("interview", "interview2 2interview", []),
        ("follow-up", "a follow-up call", ["follow-up"]),
        ("up", "a follow-up call", ["up"]),
        ("straße", "STRASSE Straße strasse", ["STRASSE", "Straße", "strasse"]),
        ("STRASSE", "straße", ["straße"]),
        ("s", "ß", []),
        ("café", "cafe\u0301 CAFÉ cafe", ["cafe\u0301", "CAFÉ"]),
        ("cafe\u0301", "café", ["café"]),
        ("cafe", "cafe\u0301 café", []),
        ("\u1e69", "s\u0307\u0323 s\u0323\u0307", ["s\u0307\u0323", "s\u0323\u0307"]),
        ("don't", "don’t DON'T donʼt don‘t", ["don’t", "DON'T", "donʼt", "don‘t"]),
        ("don’t", "don't", ["don't"]),
        ("σίσυφος", "ΣΊΣΥΦΟΣ Σίσυφος", ["ΣΊΣΥΦΟΣ", "Σίσυφος"]),
        ("ﬁn", "FIN fin", ["FIN", "fin"]),
        ("K", "\u212a k", ["\u212a", "k"]),
        ("C++", "C++ and C++11, C+", ["C++", "C++"]),
        ("@acme", "ask @acme or x@acme", ["@acme", "@acme"]),
        ("面试", "我的面试很好", ["面试"]),
        ("สัมภาษณ์", "การสัมภาษณ์งาน", ["สัมภาษณ์"]),
        ("가", "각 가", ["가"]),
        ("😀", "😀😀 x😀", ["😀", "😀", "😀"]),
        ("", "anything", []),
        (" \n", "any thing", []),
    ],
)
def test_s13_a_phrase_is_found_as_whole_words_however_it_is_written(
    phrase: str, text: str, spans: list[str]
) -> None:
    assert found(phrase, text) == spans


def test_s13_spans_count_code_points_of_the_text_as_given() -> None:
    text = "😀 İ ß — I  forgot\r\nto mention"
    assert mentions(("forgot to",))(text) == [Match(11, 21, "forgot\r\nto")]


def test_s13_of_several_phrases_the_leftmost_and_longest_is_told() -> None:
    search = mentions(("forgot", "forgot to mention", "to mention it", "interview"))
    assert [match.text for match in search("Interview: I forgot to mention it, I forgot")] == [
        "Interview",
        "forgot to mention",
        "forgot",
    ]


def test_s13_no_phrase_is_never_mentioned() -> None:
    assert mentions(())("text") == []


def test_s13_a_phrase_of_more_than_256_characters_is_never_mentioned() -> None:
    longest = "a" * LONGEST_PHRASE
    assert found(longest, longest) == [longest]
    assert found(longest + "a", longest + "a") == []


# The reference: every span of the text is folded and compared, one by one.


def clusters(text: str) -> list[int]:
    edges = [at for at in range(len(text)) if at == 0 or not combining(normalize("NFD", text[at])[0])]
    return [*edges, len(text)]


def plainly_folded(text: str) -> str:
    folded = normalize("NFD", normalize("NFD", text).casefold()).replace("’", "'")
    return " ".join(folded.split())


def is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or category(character).startswith("M")


def is_edge(text: str, at: int) -> bool:
    return at in (0, len(text)) or not (is_letter(text[at - 1]) and is_letter(text[at]))


def reference(phrases: tuple[str, ...], text: str) -> list[Match]:
    wanted = {plainly_folded(phrase) for phrase in phrases} - {""}
    edges = clusters(text)
    spans = [
        (start, end)
        for start in edges
        for end in edges
        if start < end
        and not text[start].isspace()
        and not text[end - 1].isspace()
        and is_edge(text, start)
        and is_edge(text, end)
        and plainly_folded(text[start:end]) in wanted
    ]
    matches: list[Match] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not matches or start >= matches[-1].end:
            matches.append(Match(start, end, text[start:end]))
    return matches


letters = st.text(alphabet="abAB é\u0301É\u0323e\u0065ßsS'’ \n\u00a0-+_1", max_size=24)
plain_letters = st.text(alphabet="abAB \n'-_", max_size=24)


def begins_with_a_letter(phrase: str) -> bool:
    return not combining((phrase.strip() or " ")[0])


@given(st.lists(letters.map(lambda text: text[:4]).filter(begins_with_a_letter), max_size=3), letters)
@settings(max_examples=500)
@example(["ss"], "ß\n  ss")
@example(["a a"], "a a a a")
def test_s13_mentions_agree_with_comparing_every_span(phrases: list[str], text: str) -> None:
    assert mentions(tuple(phrases))(text) == reference(tuple(phrases), text)


@given(st.lists(plain_letters.map(lambda text: text[:4]), max_size=3), plain_letters)
@settings(max_examples=300)
def test_s13_mentions_in_ascii_agree_with_comparing_every_span(phrases: list[str], text: str) -> None:
    assert mentions(tuple(phrases))(text) == reference(tuple(phrases), text)


@given(st.lists(st.text(), max_size=4), st.text())
def test_s13_any_text_has_spans_within_it_in_order(phrases: list[str], text: str) -> None:
    done = 0
    for match in mentions(tuple(phrases))(text):
        assert done <= match.start < match.end <= len(text)
        assert match.text == text[match.start : match.end]
        done = match.end


@given(st.text(), st.text(), st.text())
def test_s13_a_word_is_found_between_any_others(before: str, word: str, after: str) -> None:
    word = "".join(character for character in word if character.isalnum())[:20]
    text = f"{before} {word} {after}"
    expected = [word] if word else []
    assert [span for span in found(word, text) if span == word][:1] == expected


@given(st.text())
def test_s13_folding_goes_word_by_word(text: str) -> None:
    assert fold(text).split() == [folded for word in text.split() for folded in fold(word).split()]


@given(st.text())
def test_s13_canonical_forms_and_cases_fold_alike(text: str) -> None:
    assert fold(text) == fold(normalize("NFD", text)) == fold(normalize("NFC", text))
    assert fold(text.casefold()) == fold(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one", 1),
        ("Two words", 2),
        ("  a\n b\tc  ", 3),
        ("a — b - c", 3),
        ("it's a follow-up.", 3),
        ("12.5 %", 1),
        ("...", 0),
        ("我的面试", 4),
        ("AI面试 ok", 4),
        ("cafe\u0301 ü", 2),
    ],
)
def test_s13_words_are_counted_as_a_word_processor_counts_them(text: str, count: int) -> None:
    assert words(text) == count


def test_s13_a_pattern_finds_its_spans() -> None:
    pattern = regex(r"caf(é|e)+")
    assert pattern.search("ein caféé") == Match(4, 9, "caféé")
    assert list(pattern.finditer("😀café cafe")) == [Match(1, 5, "café"), Match(6, 10, "cafe")]
    assert pattern.search("tea") is None
    assert regex("(?i)^ana$").search("ANA") == Match(0, 3, "ANA")


def test_s13_a_pattern_may_match_nothing_at_all_but_marks_nothing_then() -> None:
    assert regex("^$").search("") == Match(0, 0, "")
    assert list(regex("x*").finditer("axb")) == [Match(1, 2, "x")]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "close the bracket"),
        ("a)", "open the bracket"),
        ("[a", "close the bracket"),
        ("*a", "something before it"),
        ("(?=a)", "looking ahead or behind is not offered"),
        (r"(a)\1", "references back to a group are not offered"),
        ("a{2000}", "at most 1000 times"),
        ("((a{100}){100}){100}", "at most 1000 times"),
        ("[b-a]", "from low to high"),
        ("\\", "two of them"),
        ("\ud800", "surrogate"),
        ("a" * 100_000, "shorter"),
        ("a**", "https://"),
    ],
)
def test_s13_a_pattern_that_is_none_is_refused_with_a_mend(pattern: str, why: str) -> None:
    found = regex(pattern)
    assert isinstance(found, BadPattern)
    assert found.reason.startswith("This pattern ")
    assert why in found.reason


@given(st.text(max_size=30) | st.text(alphabet="ab(|)*+?[]{}1\\^$.", max_size=12), st.text())
def test_s13_any_pattern_works_on_any_text_or_is_refused(pattern: str, text: str) -> None:
    compiled = regex(pattern)
    if isinstance(compiled, BadPattern):
        return
    for match in compiled.finditer(text):
        assert match.text == text[match.start : match.end] != ""


@given(st.text(alphabet=st.characters(categories=["L", "Cs", "So"])))
def test_s13_half_a_character_in_a_text_disturbs_no_pattern(text: str) -> None:
    assert "".join(match.text for match in regex("(?s).+").finditer(text)) == text


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("a", "a" + "\u0301\u0323" * 1_000_000),
        ("面", "面" * 300_000),
        ("ss", "ß" * 200_000),
        ("+", "é" + "+" * 300_000),
        ("ab " * 80 + "a", "ab " * 100_000),
        ("forgot to", "forgot" + " " * 1_000_000 + "ot"),
    ],
)
def test_p4_a_text_made_to_be_slow_is_not(phrase: str, text: str) -> None:
    # No clock is asked: in quadratic time these would not end while anybody waits.
    for match in mentions((phrase,))(text):
        assert match.text
    assert words(text) >= 0


def test_p4_a_pattern_made_to_be_slow_is_not() -> None:
    assert regex(r"^(a+)+$").search("a" * 100_000 + "b") is None
    assert len(list(regex("a.*z|a").finditer("a" * 100_000))) == MOST_SPANS
