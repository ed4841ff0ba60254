"""The ciphers give the answers known for them, and what was written long ago reads the same in two readers."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.keyring import Keyring, KeyringError
from privacy.keystore import MemoryKeystore, Name
from privacy.sealed import Place, Sealed
from privacy.sources import KeyFile, Passphrase, source
from privacy.vault import KeyGone, SealBroken, Vault
from tests.privacy import second_reader

FROZEN = json.loads((Path(__file__).parent / "vectors.json").read_text())


def known(name: str) -> Iterator[dict[str, str]]:
    """The vectors of a file: a new one begins where a field comes a second time."""
    vector: dict[str, str] = {}
    with cryptography_vectors.open_vector_file(name, "r") as file:
        for line in file:
            field, sign, value = line.partition("=")
            if line.startswith("#") or not sign:
                continue
            if field.strip() in vector:
                yield vector
                vector = {}
            vector[field.strip()] = value.strip()
    yield vector


def raw(vector: dict[str, str], *fields: str) -> list[bytes]:
    return [bytes.fromhex(vector.get(field, "")) for field in fields]


def test_aes_gcm_siv_gives_the_answers_of_rfc_8452() -> None:
    counted = 0
    for name in ("openssl", "aes-192-gcm-siv"):
        for vector in known(f"ciphers/AES/GCM-SIV/{name}.txt"):
            key, nonce, plain, about, sealed, tag = raw(
                vector, "Key", "IV", "Plaintext", "AAD", "Ciphertext", "Tag"
            )
            cipher = AESGCMSIV(key)
            if plain:  # some builds refuse to seal nothing; we always seal a step of padding
                assert cipher.encrypt(nonce, plain, about) == sealed + tag
                assert cipher.decrypt(nonce, sealed + tag, about) == plain
                with pytest.raises(InvalidTag):
                    cipher.decrypt(nonce, sealed + tag, about + b"x")
            if len(key) != 24:  # RFC 8452 itself knows keys of 128 and 256 bits
                assert second_reader.gcm_siv_open(key, nonce, sealed + tag, about) == plain
                with pytest.raises(second_reader.Unread):
                    second_reader.gcm_siv_open(key, nonce, sealed + tag, about + b"x")
            counted += 1
    assert counted >= 60


def test_hmac_gives_the_answers_of_rfc_4231() -> None:
    vectors = list(known("HMAC/rfc-4231-sha256.txt"))
    for vector in vectors:
        key, message, answer = raw(vector, "Key", "Msg", "MD")
        assert hmac.digest(key, message, hashlib.sha256) == second_reader.mac(key, message) == answer
    assert len(vectors) >= 6


def test_scrypt_gives_the_answers_of_rfc_7914() -> None:
    counted = 0
    for vector in known("KDF/scrypt.txt"):
        n, r, p, length = (int(vector[field]) for field in ("N", "r", "p", "LENGTH"))
        if n > 2**15:  # a gigabyte
            continue
        made = Scrypt(vector["SALT"].encode(), length, n, r, p).derive(vector["PASSWORD"].encode())
        assert made.hex() == vector["DERIVED_KEY"]
        counted += 1
    assert counted >= 3


@pytest.mark.parametrize("vector", FROZEN["sealed"], ids=lambda vector: vector["column"])
def test_sealed_long_ago_reads_the_same_in_a_second_reader(vector: dict[str, str]) -> None:
    key = second_reader.data_key(bytes.fromhex(vector["root"]), vector)
    assert key.hex() == vector["key"]
    assert second_reader.sealed_value(key, vector) == vector["words"]


@settings(max_examples=30, deadline=None, print_blob=True)
@given(
    st.text(max_size=80),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=6, max_size=6),
)
def test_what_is_sealed_today_reads_the_same_in_a_second_reader(words: str, places: list[str]) -> None:
    words = words.encode(errors="ignore").decode()
    database, table, column, row, subject, kind = places
    keystore, ring = MemoryKeystore(), Keyring({"0a1b2c3d": b"r" * 32}, "0a1b2c3d", b"i" * 32)
    vault = Vault(ring, keystore, database=database)
    sealed = vault.seal(words, subject=subject, data_class=kind, place=Place(table, column, row))
    stored = keystore.find(Name(subject, kind))
    assert stored is not None
    vector = {
        **{"database": database, "table": table, "column": column, "row": row},
        **{"subject": subject, "class": kind, "kid": stored.kid},
        **{"wrapped": bytes(stored.key).hex(), "sealed": bytes(sealed).hex()},
    }
    assert second_reader.sealed_value(second_reader.data_key(b"r" * 32, vector), vector) == words


def placed(folder: Path, text: str | bytes) -> Path:
    path = folder / "keys.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    return path


def facts(ring: Keyring) -> dict[str, Any]:
    return {
        "epochs": {kid: key.hex() for kid, key in ring._epochs.keys.items()},
        "current": ring.current,
        "index": ring.index_key.hex(),
    }


@pytest.mark.parametrize("vector", FROZEN["keyrings"], ids=lambda vector: vector["what"])
def test_a_key_file_of_long_ago_reads_the_same_in_two_readers(tmp_path: Path, vector: dict[str, Any]) -> None:
    expected = {part: vector[part] for part in ("epochs", "current", "index")}
    assert facts(Keyring.load(placed(tmp_path, vector["text"]))) == expected
    assert second_reader.keyring(vector["text"]) == expected


def test_a_key_file_under_a_passphrase_reads_the_same_in_two_readers(tmp_path: Path) -> None:
    vector = FROZEN["wrapped_keyring"]
    path = placed(tmp_path, vector["text"])
    assert facts(Keyring.load(source(path, vector["passphrase"]))) == second_reader.keyring(vector["inside"])
    assert second_reader.under_passphrase(vector["text"], vector["passphrase"]) == vector["inside"]


def test_what_is_written_today_reads_the_same_in_the_second_reader(tmp_path: Path) -> None:
    plain = Keyring.load_or_create(tmp_path / "plain.json")
    plain.begin_epoch()
    assert second_reader.keyring((tmp_path / "plain.json").read_text()) == facts(plain)
    phrase = "four quiet random words"
    wrapped = Keyring.load_or_create(source(tmp_path / "wrapped.json", phrase))
    inside = second_reader.under_passphrase((tmp_path / "wrapped.json").read_text(), phrase)
    assert second_reader.keyring(inside) == facts(wrapped)


def test_a_file_of_the_first_format_is_read_and_becomes_the_second_at_the_first_change(
    tmp_path: Path,
) -> None:
    vector = FROZEN["first_keyring"]
    path = placed(tmp_path, vector["text"])
    ring = Keyring.load_or_create(path)
    assert facts(ring) == {part: vector[part] for part in ("epochs", "current", "index")}
    assert path.read_text() == vector["text"]
    wrapped = ring.wrap(b"x" * 32, b"about")
    new = ring.begin_epoch()
    now = second_reader.keyring(path.read_text())
    assert now["epochs"].keys() == {vector["current"], new}
    assert (now["current"], now["index"]) == (new, vector["index"])
    assert Keyring.load(path).unwrap(*wrapped, b"about") == b"x" * 32


WHERE = {"subject": "p1", "data_class": "account", "table": "person", "column": "name", "row": "r1"}


def opens(vault: Vault, sealed: bytes, where: dict[str, str]) -> bool:
    place = Place(where["table"], where["column"], where["row"])
    try:
        vault.open_bytes(
            Sealed(sealed), subject=where["subject"], data_class=where["data_class"], place=place
        )
    except (SealBroken, KeyGone):
        return False
    return True


def two_sealed() -> tuple[Vault, bytes, bytes]:
    vault = Vault(Keyring.ephemeral(b"matrix"), MemoryKeystore(), database="town-1")
    place = Place(WHERE["table"], WHERE["column"], WHERE["row"])
    whose = {"subject": WHERE["subject"], "data_class": WHERE["data_class"], "place": place}
    one, two = (bytes(vault.seal(words, **whose)) for words in ("secret", "another"))  # type: ignore[arg-type]
    assert opens(vault, one, WHERE)
    return vault, one, two


def test_no_byte_may_be_another_gone_doubled_or_in_another_place() -> None:
    vault, one, _ = two_sealed()
    changed: set[bytes] = set()
    for at in range(len(one)):
        changed |= {one[:at] + bytes([other]) + one[at + 1 :] for other in range(256)}
        changed |= {one[:at], one[at:], one[:at] + one[at + 1 :], one[: at + 1] + one[at:]}
        for to in range(at):
            swapped = bytearray(one)
            swapped[at], swapped[to] = swapped[to], swapped[at]
            changed.add(bytes(swapped))
    changed -= {one}
    assert len(changed) > 20_000
    assert [altered for altered in changed if opens(vault, altered, WHERE)] == []


def test_no_part_of_one_value_fits_another() -> None:
    vault, one, two = two_sealed()
    cuts = (0, 1, 2, 18, 30, len(one) - 16, len(one))
    pieces = [(one[a:b], two[a:b]) for a, b in pairwise(cuts)]
    mixed = {b"".join(pair[which >> n & 1] for n, pair in enumerate(pieces)) for which in range(2**6)}
    assert [value for value in mixed - {one, two} if opens(vault, value, WHERE)] == []


def altered(text: str) -> set[str]:
    nearby = {"", text + " ", " " + text, text + "\0", text.upper(), text[::-1], text * 2, "\u200b" + text}
    for at in range(len(text)):
        nearby |= {text[:at] + text[at + 1 :], text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]}
    return nearby - {text}


def test_no_part_of_whose_and_where_may_be_another() -> None:
    vault, one, _ = two_sealed()
    elsewhere = [{**WHERE, part: other} for part in WHERE for other in altered(WHERE[part])]
    names = list(WHERE)
    for a in names:
        for b in names:
            if a != b:
                elsewhere.append({**WHERE, a: WHERE[b], b: WHERE[a]})
                elsewhere.append({**WHERE, a: WHERE[a] + WHERE[b][:1], b: WHERE[b][1:]})
                elsewhere.append({**WHERE, a: WHERE[a] + WHERE[b], b: ""})
    for where in elsewhere:  # so that all have keys of their own, and no refusal is only for want of one
        place = Place(where["table"], where["column"], where["row"])
        vault.seal("own", subject=where["subject"], data_class=where["data_class"], place=place)
    assert len(elsewhere) > 100
    assert [where for where in elsewhere if opens(vault, one, where)] == []
    other = Vault(vault._keyring, vault._keystore, database="town-2")
    assert not opens(other, one, WHERE)


def test_a_changed_bit_of_a_key_file_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    whole = FROZEN["keyrings"][0]["text"].encode()
    path = placed(tmp_path, whole)
    expected, refused = facts(Keyring.load(path)), 0
    cases = [whole[:cut] for cut in range(len(whole))]
    for bit in range(len(whole) * 8):
        case = bytearray(whole)
        case[bit // 8] ^= 1 << bit % 8
        cases.append(bytes(case))
    for case in cases:
        path.write_bytes(case)
        try:
            assert facts(Keyring.load(path)) == expected, case
        except KeyringError:
            refused += 1
    assert refused > len(cases) * 0.9  # the others are blanks and ends of lines


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, print_blob=True)
@given(
    part=st.sampled_from(["format", "current", "epochs", "index", "mac", "check", "keys"]),
    value=JSON,
    rubbish=st.binary(max_size=300),
)
def test_any_key_file_is_read_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, part: str, value: Any, rubbish: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    whole = json.loads(FROZEN["keyrings"][0]["text"])
    first = json.loads(FROZEN["first_keyring"]["text"])
    for content in (rubbish, *(json.dumps(body | {part: value}).encode() for body in (whole, first))):
        with pytest.raises(KeyringError):
            Keyring.load(placed(folder, content))


@settings(max_examples=60, deadline=None, print_blob=True)
@given(part=st.sampled_from(["format", "n", "r", "p", "salt", "nonce", "sealed"]), value=JSON)
def test_any_file_under_a_passphrase_is_read_or_refused_with_a_sentence(part: str, value: Any) -> None:
    file = KeyFile(Path("unused"), Passphrase(FROZEN["wrapped_keyring"]["passphrase"]))
    body = json.loads(FROZEN["wrapped_keyring"]["text"])
    for changed in (body | {part: value}, {key: body[key] for key in body if key != part}):
        with pytest.raises(KeyringError):
            file.unwrap(json.dumps(changed).encode())
