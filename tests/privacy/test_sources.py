"""Where the key file stands: replaced as a whole or not at all, wrapped if it shall be, never written where it is lent."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest

from privacy import sources
from privacy.keyring import Keyring, KeyringBusy, KeyringError
from privacy.sources import FORMAT, Credential, KeyFile, Passphrase, is_plain, source

PHRASE = "four quiet random words"


class Office:
    """A service that keeps keys, as far as we know it: two verbs."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def wrap(self, plain: bytes) -> bytes:
        self.asked.append("wrap")
        return b"office:" + bytes(byte ^ 0x55 for byte in plain)

    def unwrap(self, wrapped: bytes) -> bytes:
        self.asked.append("unwrap")
        if not wrapped.startswith(b"office:"):
            raise KeyringError("this was wrapped by another service")
        return bytes(byte ^ 0x55 for byte in wrapped[7:])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_change_keeps_mode_and_leaves_nothing_beside(path: Path) -> None:
    ring = Keyring.load_or_create(path)
    old = ring.current
    assert ring.begin_epoch() == ring.current != old
    assert ring.kids == Keyring.load(path).kids == {old, ring.current}
    ring.drop_epochs({old})
    assert ring.kids == Keyring.load(path).kids == {ring.current}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(path.parent) == ["keys.json"]


def test_the_current_epoch_is_never_dropped_and_an_unknown_one_is_none(path: Path) -> None:
    ring = Keyring.load_or_create(path)
    with pytest.raises(ValueError, match="current epoch stays"):
        ring.drop_epochs({ring.current, "other"})
    was = path.read_bytes()
    ring.drop_epochs({"deadbeef"})
    assert path.read_bytes() == was


def test_keys_in_memory_have_epochs_too() -> None:
    ring = Keyring.ephemeral(b"seed")
    wrapped = ring.wrap(b"x" * 32, b"")
    ring.begin_epoch()
    assert ring.unwrap(*wrapped, b"") == b"x" * 32
    ring.drop_epochs({"ephemeral"})
    with pytest.raises(KeyringError):
        ring.unwrap(*wrapped, b"")


def test_a_kid_is_new_and_has_eight_digits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Keyring.load_or_create(path)
    drawn = iter([ring.current, ring.current, "0a1b2c3d"])
    monkeypatch.setattr("privacy.keyring.secrets.token_hex", lambda _: next(drawn))
    assert ring.begin_epoch() == "0a1b2c3d"


def test_two_who_change_it_know_of_each_other(path: Path) -> None:
    one, two = Keyring.load_or_create(path), Keyring.load(path)
    first = one.begin_epoch()
    second = two.begin_epoch()
    assert Keyring.load(path).kids >= {first, second}
    with one.alone():
        with one.alone():
            pass
        with pytest.raises(KeyringBusy):
            two.begin_epoch()
        one.begin_epoch()
    two.begin_epoch()


def test_a_file_put_in_the_place_of_ours_is_noticed(path: Path) -> None:
    ring = Keyring.load_or_create(path)
    path.unlink()
    with pytest.raises(KeyringError, match="no key file"):
        ring.refresh()
    with pytest.raises(KeyringError, match="no key file"):
        ring.begin_epoch()
    Keyring.load_or_create(path)
    with pytest.raises(KeyringError, match="another key file"):
        ring.refresh()


def test_what_a_stopped_process_left_is_cleared_away(path: Path) -> None:
    ring = Keyring.load_or_create(path)
    path.with_name(".keys.json.new").write_text("half a key fi")
    path.with_name(".keys.json.0a1b2c3d").hardlink_to(
        path
    )  # stopped at the first start, right after the link
    path.with_name(".keys.json.bak").write_text("somebody's own")
    ring.begin_epoch()
    assert names(path.parent) == [".keys.json.bak", "keys.json"]
    assert Keyring.load(path).kids == ring.kids


@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_a_disk_that_fails_at_any_step_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ring = Keyring.load_or_create(path)
    was, kids = path.read_bytes(), ring.kids

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        match step:
            case "fsync":
                patch.setattr(os, "fsync", full)
            case "replace":
                patch.setattr(Path, "replace", full)
            case "open":
                patch.setattr(sources.KeyFile, "_draft", full)
        with pytest.raises(KeyringError, match="No space left on device") as refused:
            ring.begin_epoch()
    assert "room on the disk" in str(refused.value)
    assert path.read_bytes() == was
    assert ring.kids == kids
    assert names(path.parent) == ["keys.json"]
    ring.begin_epoch()


def test_a_link_stays_a_link(tmp_path: Path, path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Keyring.load_or_create(elsewhere / "real.json")
    path.symlink_to(elsewhere / "real.json")
    new = Keyring.load_or_create(path).begin_epoch()
    assert path.is_symlink()
    assert Keyring.load(elsewhere / "real.json").current == new


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_the_file_of_the_service_stays_its_own_when_root_rotates(path: Path) -> None:
    ring = Keyring.load_or_create(path)
    os.chown(path, 4321, 4321)
    ring.begin_epoch()
    assert (path.stat().st_uid, path.stat().st_gid) == (4321, 4321)


def test_a_passphrase_opens_what_it_wrapped_and_no_other_does() -> None:
    wrapped = Passphrase(PHRASE).wrap(b"inside")
    assert Passphrase(PHRASE).unwrap(wrapped) == b"inside"
    assert b"inside" not in wrapped
    assert wrapped != Passphrase(PHRASE).wrap(b"inside")
    for other in (PHRASE + " ", PHRASE.upper()):
        with pytest.raises(KeyringError, match="does not open with this passphrase"):
            Passphrase(other).unwrap(wrapped)
    with pytest.raises(KeyringError, match="too short"):
        Passphrase("short")
    assert PHRASE not in repr(Passphrase(PHRASE))


def test_another_cost_is_refused_before_it_is_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.loads(Passphrase(PHRASE).wrap(b"inside"))
    monkeypatch.setattr(sources, "Scrypt", None)  # whoever asked it would fail otherwise
    for changed in ({"n": 2**30}, {"r": 2**20}, {"p": 2**20}, {"n": 2}, {"format": "other"}, {"more": 1}):
        with pytest.raises(KeyringError, match="does not open"):
            Passphrase(PHRASE).unwrap(json.dumps(body | changed).encode())


def test_a_plain_file_is_wrapped_at_the_next_start_and_stays_so(path: Path) -> None:
    plain = Keyring.load_or_create(path)
    wrapped = plain.wrap(b"x" * 32, b"")
    assert Keyring.load(source(path, PHRASE)).kids == plain.kids
    assert is_plain(path.read_bytes())  # to look changes nothing
    ring = Keyring.load_or_create(source(path, PHRASE))
    assert FORMAT.encode() in path.read_bytes()
    ring.begin_epoch()
    again = Keyring.load(source(path, PHRASE))
    assert again.unwrap(*wrapped, b"") == b"x" * 32
    assert again.kids == ring.kids
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(KeyringError, match="set KEYRING_PASSPHRASE"):
        Keyring.load(source(path))
    with pytest.raises(KeyringError, match="set KEYRING_PASSPHRASE"):
        plain.refresh()


def test_a_service_that_keeps_keys_wraps_and_unwraps_the_whole(path: Path) -> None:
    office = Office()
    ring = Keyring.load_or_create(KeyFile(path, office))
    assert path.read_bytes().startswith(b"office:")
    new = ring.begin_epoch()
    assert Keyring.load(KeyFile(path, office)).current == new
    asked = len(office.asked)
    ring.refresh()
    assert len(office.asked) == asked  # nothing has changed, nothing is asked
    path.write_bytes(b"elsewhere")
    with pytest.raises(KeyringError, match="another service"):
        Keyring.load(KeyFile(path, office))


def test_a_credential_is_read_and_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys"
    Keyring.load_or_create(path)
    was = path.read_bytes()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert type(source(tmp_path / "below" / "keys")) is KeyFile
    for phrase in (None, PHRASE):
        lent = source(path, phrase)
        assert type(lent) is Credential
        ring = Keyring.load_or_create(lent)
        ring.refresh()
        for change in (ring.begin_epoch, lambda ring=ring: ring.drop_epochs({"0a1b2c3d"})):
            with pytest.raises(KeyringError, match="systemd-creds"):
                change()
        with pytest.raises(KeyringError, match="systemd-creds"):
            lent.replace(b"x")
    assert path.read_bytes() == was
    with pytest.raises(KeyringError, match="LoadCredentialEncrypted"):
        Keyring.load_or_create(source(tmp_path / "none"))
