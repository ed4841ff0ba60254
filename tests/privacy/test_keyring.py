"""The key file: made once, for its owner alone, and refused with a sentence when it cannot be trusted."""

import base64
import json
import logging
import stat
from pathlib import Path

import pytest

from privacy.keyring import Keyring, KeyringError, Unwrappable


def test_the_first_start_makes_a_file_for_its_owner_alone_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "keys" / "keyring.json"
    with caplog.at_level(logging.WARNING, logger="privacy.keyring"):  # whatever another test has asked of it
        first = Keyring.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Keep a copy apart from the database" in caplog.text
    assert [p.name for p in path.parent.iterdir()] == ["keyring.json"]
    keys = json.loads(path.read_text())
    assert not any(key in caplog.text for key in (*keys["epochs"].values(), keys["index"]))
    caplog.clear()
    again = Keyring.load_or_create(path)
    assert caplog.text == ""
    assert again.unwrap(*first.wrap(b"x" * 32, b"about"), b"about") == b"x" * 32
    assert again.index_key == first.index_key


def test_two_files_never_share_a_key_or_a_name(tmp_path: Path) -> None:
    rings = [Keyring.load_or_create(tmp_path / name) for name in "ab"]
    assert len({ring.current for ring in rings}) == len({ring.index_key for ring in rings}) == 2


def test_a_seed_makes_the_same_keys_again() -> None:
    kid, wrapped = Keyring.ephemeral(b"seed").wrap(b"x" * 32, b"about")
    assert Keyring.ephemeral(b"seed").unwrap(kid, wrapped, b"about") == b"x" * 32
    for ring, about in ((Keyring.ephemeral(b"other"), b"about"), (Keyring.ephemeral(b"seed"), b"else")):
        with pytest.raises(Unwrappable):
            ring.unwrap(kid, wrapped, about)
    with pytest.raises(Unwrappable):
        Keyring.ephemeral(b"seed").unwrap(kid, b"short", b"about")


def test_an_old_key_still_unwraps_and_a_new_one_wraps() -> None:
    old = Keyring({"k1": b"1" * 32}, "k1", b"i" * 32)
    both = Keyring({"k1": b"1" * 32, "k2": b"2" * 32}, "k2", b"i" * 32)
    assert both.unwrap(*old.wrap(b"x" * 32, b""), b"") == b"x" * 32
    assert both.wrap(b"x" * 32, b"")[0] == "k2"
    with pytest.raises(KeyringError, match="'k2' is not in the key file"):
        old.unwrap(*both.wrap(b"x" * 32, b""), b"")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666])
def test_a_file_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keyring.json"
    Keyring.load_or_create(path)
    path.chmod(mode)
    with pytest.raises(KeyringError, match="chmod 600"):
        Keyring.load_or_create(path)


def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    Keyring.load_or_create(path)
    whole = path.read_text()
    body = json.loads(whole)
    another = base64.b64encode(b"y" * 32).decode()
    damaged = [
        "",
        "{}",
        "[]",
        "null",
        '"x"',
        "1",
        whole[: len(whole) // 2],
        whole + "x",
        json.dumps(body | {"index": another}),
        json.dumps(body | {"current": "k0"}),
        json.dumps(body | {"epochs": {body["current"]: another}}),
        json.dumps(body | {"mac": None}),
        json.dumps(body | {"mac": "é"}),
        json.dumps(body | {"mac": body["mac"][:-1]}),
        json.dumps(body | {"format": "jinlin-keyring/1"}),
        json.dumps(body | {"format": "jinlin-keyring/3"}),
        json.dumps(body | {"more": 1}),
        *(json.dumps({key: value for key, value in body.items() if key != gone}) for gone in body),
        "[" * 100_000,
    ]
    for text in damaged:
        path.write_text(text)
        with pytest.raises(KeyringError, match="damaged or was edited") as refused:
            Keyring.load_or_create(path)
        assert body["index"] not in str(refused.value)
        assert path.read_text() == text
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KeyringError, match="cannot be read"):
        Keyring.load_or_create(path)
    path.write_text(whole)
    Keyring.load_or_create(path)


def test_a_missing_file_or_a_folder_is_told_kindly(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="there is no key file"):
        Keyring.load(tmp_path / "none.json")
    with pytest.raises(KeyringError):
        Keyring.load_or_create(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(KeyringError, match="no key file can be made"):
        Keyring.load_or_create(tmp_path / "file" / "keyring.json")


@pytest.mark.parametrize("keys", [{}, {"k1": b"short"}, {"k2": b"1" * 32}])
def test_a_ring_without_a_usable_current_key_is_refused(keys: dict[str, bytes]) -> None:
    with pytest.raises(KeyringError):
        Keyring(keys, "k1", b"i" * 32)


def test_a_ring_shows_no_key() -> None:
    assert repr(Keyring.ephemeral(b"seed")) == "Keyring(current='ephemeral')"
