"""What somebody could do to a ledger, and how the checker finds it; without our database and without our libraries."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privacy import chain, check, consent, ledger
from tests.privacy.conftest import Town

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ROOT = Path(consent.__file__).parents[1]

Ledger = tuple[list[str], list[check.Note]]


@pytest.fixture
def posted(town: Town) -> Ledger:
    """Six lines in three days, and the notes of the three."""
    with town.transaction() as session:
        for day in range(3):
            for who, given in (("p1", day != 1), ("p2", True)):
                consent.record(
                    session,
                    person_id=f"{who}-{day}",
                    purpose="pool",
                    given=given,
                    at=MONDAY + timedelta(days=day),
                    language="zh",
                )
        ledger.note(session, at=MONDAY + timedelta(days=2))
        export = [line.rstrip("\n") for line in ledger.export(session)]
        return export, check.read("\n".join(note.posted() for note in ledger.notes(session)))


def edited(line: str, **changes: object) -> str:
    return chain.written({**json.loads(line), **changes})


def chained(lines: list[str]) -> list[str]:
    """All written anew, as somebody would who knows every secret the service has."""
    prev, anew = chain.START, []
    for number, line in enumerate(lines, 1):
        words = json.loads(edited(line, id=number, prev=prev))
        prev = words["hash"] = chain.digest(words, prev)
        anew.append(chain.written(words))
    return anew


def test_an_honest_ledger_holds(posted: Ledger) -> None:
    lines, notes = posted
    assert [(note.day, note.lines) for note in notes] == [
        ("2026-03-02", 2),
        ("2026-03-03", 4),
        ("2026-03-04", 6),
    ]
    assert check.wrong(lines, notes) == check.wrong(lines, []) == []
    assert chained(lines) == lines
    assert check.wrong([], []) == []


@pytest.mark.parametrize("field", [*chain.FIELDS, "prev", "hash"])
def test_an_edited_field_is_found(posted: Ledger, field: str) -> None:
    lines, _ = posted
    value: object = {"id": 9, "notice_version": 9, "prev": "a" * 64, "hash": "a" * 64}.get(field, "x")
    found = check.wrong([*lines[:2], edited(lines[2], **{field: value}), *lines[3:]], [])
    assert "line 3" in found[0]
    assert "was edited" in found[0]


@pytest.mark.parametrize("gone", range(5))
def test_a_deleted_line_is_found(posted: Ledger, gone: int) -> None:
    lines, _ = posted
    found = check.wrong(lines[:gone] + lines[gone + 1 :], [])
    assert found == [f"what stood before line {gone + 1} (no. {gone + 2}) was deleted or replaced"]


def test_swapped_words_are_found(posted: Ledger) -> None:
    """The words of two lines change places; numbers and hashes stay where they are."""
    lines, _ = posted
    one, two = json.loads(lines[1]), json.loads(lines[4])
    one["person_id"], two["person_id"] = two["person_id"], one["person_id"]
    found = check.wrong([lines[0], chain.written(one), *lines[2:4], chain.written(two), lines[5]], [])
    assert [trouble[:6] for trouble in found] == ["line 2", "line 5"]
    assert all("was edited" in trouble for trouble in found)


def test_another_order_is_found(posted: Ledger) -> None:
    lines, _ = posted
    found = check.wrong([lines[0], lines[2], lines[1], *lines[3:]], [])
    assert found[0] == "line 2 (no. 3) was moved: it belongs after line 3"
    assert check.wrong(lines[::-1], [])[-1] == "line 6 (no. 1) was moved: it belongs at the beginning"


def test_a_line_twice_is_found(posted: Ledger) -> None:
    lines, _ = posted
    assert check.wrong([*lines[:3], lines[2], *lines[3:]], []) == [
        "line 4 (no. 3) was moved: it belongs after line 2"
    ]


def test_a_line_put_in_between_is_found(posted: Ledger) -> None:
    lines, _ = posted
    words = json.loads(edited(lines[2], person_id="p3", prev=json.loads(lines[1])["hash"]))
    words["hash"] = chain.digest(words, words["prev"])
    assert check.wrong([*lines[:2], chain.written(words), *lines[2:]], []) == [
        "line 4 (no. 3) was moved: it belongs after line 2"
    ]


def test_a_number_used_again_is_found(posted: Ledger) -> None:
    lines, _ = posted
    words = json.loads(edited(lines[1], id=1))
    words["hash"] = chain.digest(words, words["prev"])
    assert check.wrong([lines[0], chain.written(words)], []) == [
        "line 2 (no. 1) has a number that was used before it"
    ]


@pytest.mark.parametrize("left", range(6))
def test_a_missing_end_is_found_by_what_was_posted(posted: Ledger, left: int) -> None:
    lines, notes = posted
    assert check.wrong(lines[:left], []) == []
    assert f"cut off: 2026-03-04 counted 6 lines, here are {left}" in check.wrong(lines[:left], notes)


@pytest.mark.parametrize("changed", range(6))
def test_all_written_anew_is_found_by_what_was_posted_and_by_nothing_else(
    posted: Ledger, changed: int
) -> None:
    lines, notes = posted
    forged = chained([*lines[:changed], edited(lines[changed], status="refused"), *lines[changed + 1 :]])
    if json.loads(lines[changed])["status"] == "refused":
        forged = chained([*lines[:changed], edited(lines[changed], status="given"), *lines[changed + 1 :]])
    assert check.wrong(forged, []) == []
    days = [note.day for note in notes if note.lines > changed]
    assert check.wrong(forged, notes) == [
        f"rewritten: the first {note.lines} lines are not those posted on {note.day}"
        for note in notes
        if note.day in days
    ]


def test_a_deletion_closed_up_is_found_by_what_was_posted(posted: Ledger) -> None:
    lines, notes = posted
    forged = chained([*lines[:2], *lines[3:]])
    assert check.wrong(forged, []) == []
    assert len(check.wrong(forged, notes)) == 2


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "null",
        "{}",
        pytest.param("[" * 100_000, id="deep"),
        '{"id":1',
        lambda good: good.replace('"purpose":"pool"', '"purpose":"reveal","purpose":"pool"'),
        lambda good: good.replace(":", ": "),
        lambda good: good.replace('"until":null', '"until":""'),
        lambda good: good.replace('"id":3', '"id":"3"'),
        lambda good: good.replace('"id":3', '"id":3.0'),
        lambda good: good.replace('"scope":""', '"scope":null'),
        lambda good: good[:-1],
        lambda good: good[:-1] + ',"more":1}',
        lambda good: edited(good, hash="A" * 64),
    ],
)
def test_what_can_be_read_in_two_ways_is_no_line(posted: Ledger, line: object) -> None:
    lines, _ = posted
    bad = line(lines[2]) if callable(line) else line
    assert check.wrong([*lines[:2], bad, *lines[3:]], []) == [
        "line 3 is not a line of a ledger: it was cut off or written by hand"
    ]


@pytest.mark.parametrize(
    "text",
    ["", "good morning", "jinlin-ledger 2026-03-02 lines=41 root=12", "jinlin-ledger 2026-03-02 lines=x"],
)
def test_a_note_misread_is_not_taken_for_none(text: str) -> None:
    with pytest.raises(ValueError, match="a note reads"):
        check.read(text)


YEARS = 1095


def emptied(line: str) -> str:
    return edited(line, **chain.FORGOTTEN)


@pytest.fixture
def aged(town: Town) -> Ledger:
    """Eight lines, two a day; four and then three years between the days. What 2 to 4 said is over, 1 lives."""
    with town.transaction() as session:
        for day in (0, 1, YEARS, YEARS + 1):
            for who, given in (("p1", True), ("p2", False)):
                consent.record(
                    session,
                    person_id=f"{who}-{day}",
                    purpose="pool",
                    given=given,
                    at=MONDAY + timedelta(days=day),
                    language="zh",
                )
        ledger.note(session, at=MONDAY + timedelta(days=YEARS + 1))
        lines = [line.rstrip("\n") for line in ledger.export(session)]
        notes = check.read("\n".join(note.posted() for note in ledger.notes(session)))
    return [lines[0], *map(emptied, lines[1:4]), *lines[4:]], notes


SOON = "line {} (no. {}) was emptied before its 1095 days were over"


def test_what_was_forgotten_after_its_time_is_in_order(aged: Ledger) -> None:
    lines, notes = aged
    assert [note.lines for note in notes] == [2, 4, 6, 8]
    assert sum(chain.is_forgotten(json.loads(line)) for line in lines) == 3
    assert check.wrong(lines, notes) == check.wrong(lines, []) == []
    assert check.wrong([emptied(lines[0]), *lines[1:]], notes) == []


@pytest.mark.parametrize("gone", [5, 6, 7])
def test_a_young_line_emptied_is_found(aged: Ledger, gone: int) -> None:
    """Behind the first of its day; without any note."""
    lines, notes = aged
    forged = [*lines[:gone], emptied(lines[gone]), *lines[gone + 1 :]]
    assert check.wrong(forged, []) == check.wrong(forged, notes) == [SOON.format(gone + 1, gone + 1)]


def test_the_first_line_of_a_day_emptied_is_found_by_the_day_before(aged: Ledger) -> None:
    """What stands before it was forgotten; what was posted then still tells when that was."""
    lines, _ = aged
    forged = [*lines[:4], emptied(lines[4]), *lines[5:]]
    posted = check.Note("2026-03-03", 4, chain.root(json.loads(line)["hash"] for line in lines[:4]))
    assert check.wrong(forged, [posted]) == []
    later = posted._replace(day="2026-03-04")
    assert check.wrong(forged, [later]) == [SOON.format(5, 5)]


def test_the_age_is_measured_to_the_moment(posted: Ledger) -> None:
    """The line before is exactly 1095 days older than the last, or a moment less."""
    lines, _ = posted
    old = emptied(lines[1])
    for at, found in (
        ("2029-03-01T12:00:00.000000Z", []),
        ("2029-03-01T11:59:59.999999Z", [SOON.format(2, 2)]),
    ):
        last = json.loads(edited(lines[2], at=at, prev=json.loads(lines[1])["hash"]))
        last["hash"] = chain.digest(last, last["prev"])
        assert check.wrong([lines[0], old, chain.written(last)], []) == found


def test_where_nothing_whole_is_left_nothing_is_accepted(aged: Ledger) -> None:
    lines, notes = aged
    assert len(check.wrong([emptied(line) for line in lines], [])) == 8
    found = check.wrong([*lines[:7], emptied(lines[7])], notes)
    assert found == [SOON.format(8, 8)]
    assert check.wrong([emptied(line) for line in lines[:1]], []) == [SOON.format(1, 1)]


@pytest.mark.parametrize("at", ["", "soon", "0900-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z"])
def test_a_last_line_of_no_time_excuses_nothing(aged: Ledger, at: str) -> None:
    lines, _ = aged
    last = json.loads(edited(lines[7], at=at, id=9, prev=json.loads(lines[7])["hash"]))
    last["hash"] = chain.digest(last, last["prev"])
    found = check.wrong([*lines, chain.written(last)], [])
    assert found == [SOON.format(number, number) for number in (2, 3, 4)]


def after(line: str, **words: object) -> str:
    """A line with these words, bound to the one before it."""
    made = json.loads(edited(line, **words, prev=json.loads(line)["hash"], id=json.loads(line)["id"] + 1))
    made["hash"] = chain.digest(made, made["prev"])
    return chain.written(made)


def test_the_youngest_of_what_stands_before_counts(posted: Ledger) -> None:
    """A clock was ahead and was put right; the line after is no older than the young one before."""
    young = after(posted[0][0], at="2026-03-05T00:00:00.000000Z")
    old = after(young, at="2026-03-02T00:00:00.000000Z")
    empty = after(old, at="2026-03-02T00:00:00.000000Z")
    last = after(empty, at="2029-03-02T00:00:00.000000Z")
    assert check.wrong([posted[0][0], young, old, emptied(empty), last], []) == [SOON.format(4, 4)]


def test_an_empty_line_that_was_never_anything_else_is_no_excuse(posted: Ledger) -> None:
    """Its hash is that of nothing, so it would pass for whole."""
    first = posted[0][0]
    assert check.wrong([first, after(first, **chain.FORGOTTEN)], []) == [SOON.format(2, 2)]


@pytest.mark.parametrize("field", chain.FORGOTTEN)
def test_a_line_emptied_by_half_was_edited(aged: Ledger, field: str) -> None:
    lines, _ = aged
    value: object = 1 if field == "notice_version" else "x"
    forged = [lines[0], edited(lines[1], **{field: value}), *lines[2:]]
    assert check.wrong(forged, []) == ["line 2 (no. 2) was edited: its words do not give its hash"]


@pytest.mark.parametrize("change", range(7))
def test_what_is_done_to_forgotten_lines_is_found(aged: Ledger, change: int) -> None:
    """Deleted, swapped, twice, put in, renumbered, with another hash or another prev."""
    lines, notes = aged
    made_up = edited(lines[2], id=9, hash="a" * 64, prev=json.loads(lines[3])["hash"])
    forged = [
        [*lines[:2], *lines[3:]],
        [lines[0], lines[2], lines[1], *lines[3:]],
        [*lines[:3], lines[2], *lines[3:]],
        [*lines[:4], made_up, *lines[4:]],
        [*lines[:2], edited(lines[2], id=2), *lines[3:]],
        [*lines[:3], edited(lines[3], hash="a" * 64), *lines[4:]],
        [lines[0], edited(lines[1], prev="a" * 64), *lines[2:]],
    ][change]
    assert check.wrong(forged, []) != []
    assert check.wrong(forged, notes) != []


def test_within_a_row_of_empty_lines_only_what_was_posted_tells(aged: Ledger) -> None:
    """They say nothing that could be changed; that one is missing, the root shows."""
    lines, notes = aged
    closed_up = [*lines[:2], edited(lines[3], prev=json.loads(lines[1])["hash"]), *lines[4:]]
    assert check.wrong(closed_up, []) == []
    assert len(check.wrong(closed_up, notes)) == 3


def test_cut_off_and_written_anew_are_found_as_ever(aged: Ledger) -> None:
    lines, notes = aged
    assert "cut off: 2029-03-02 counted 8 lines, here are 7" in check.wrong(lines[:7], notes)
    forged = chained([*lines[:4], edited(lines[4], status="refused"), *lines[5:]])
    assert [trouble[:9] for trouble in check.wrong(forged, notes)] == ["rewritten"] * 4


def run(*arguments: str) -> tuple[int, str]:
    """As anybody would run it: no library but Python's own (-S leaves site-packages out)."""
    command = [sys.executable, "-S", "-m", "privacy.check", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_anybody_can_run_it(posted: Ledger, tmp_path: Path) -> None:
    lines, notes = posted
    export, board = tmp_path / "ledger.jsonl", tmp_path / "board.txt"
    export.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    said = [f"jinlin-ledger {note.day} lines={note.lines} root={note.root}" for note in notes]
    board.write_text("\n".join(said[:2]), encoding="utf-8")

    assert run(str(export), said[2], str(board))[0] == 0
    code, told = run(str(export))
    assert (code, "Without a posted note" in told) == (0, True)

    assert "forgotten" not in told

    export.write_text("".join(f"{line}\n" for line in lines[:-1]), encoding="utf-8")
    assert run(str(export))[0] == 0
    assert run(str(export), said[2]) == (1, "cut off: 2026-03-04 counted 6 lines, here are 5\n")


def test_whoever_runs_it_reads_how_much_was_forgotten(aged: Ledger, tmp_path: Path) -> None:
    lines, _ = aged
    export = tmp_path / "ledger.jsonl"
    export.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    code, told = run(str(export))
    assert code == 0
    assert (
        "3 of them were forgotten after their time: 1095 days and more before the last, which is of 2029-03-02."
        in told
    )


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([]) == 1
    assert check.main([str(tmp_path / "nowhere")]) == 1
    (tmp_path / "empty").touch()
    assert check.main([str(tmp_path / "empty"), "not a note"]) == 1
    assert check.main([str(tmp_path / "empty")]) == 0
    assert capsys.readouterr().out.count("cannot be read") == 2
