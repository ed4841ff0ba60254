"""Words open for their subject, in their place, in their database, and not when a bit is changed."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.keyring import Keyring
from privacy.keystore import MemoryKeystore, Name, Wrapped
from privacy.sealed import Place, Sealed
from privacy.vault import KeyGone, SealBroken, Vault

PLACE = Place("person", "name", "p1")
WHOSE = {"subject": "p1", "data_class": "account", "place": PLACE}
VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["sealed"]


def new_vault(
    seed: bytes = b"town", database: str = "town-1", keystore: MemoryKeystore | None = None
) -> Vault:
    return Vault(Keyring.ephemeral(seed), keystore or MemoryKeystore(), database=database)


@pytest.mark.parametrize(
    "words", ["", "a", "陈阿姨", "a" * 31, "a" * 32, "厨" * 4096, "\0", "\x80\0", "a\0\0", "half \ud83d"]
)
def test_what_is_sealed_opens_again(words: str) -> None:
    vault = new_vault()
    assert vault.open(vault.seal(words, **WHOSE), **WHOSE) == words


@settings(max_examples=100, deadline=None, print_blob=True)
@given(st.binary(max_size=200))
def test_any_bytes_come_back(plain: bytes) -> None:
    vault = new_vault()
    assert vault.open_bytes(vault.seal_bytes(plain, **WHOSE), **WHOSE) == plain


def test_the_same_words_never_look_the_same() -> None:
    vault = new_vault()
    assert len({bytes(vault.seal("no", **WHOSE)) for _ in range(50)}) == 50


def test_lengths_tell_only_a_step() -> None:
    vault = new_vault()
    assert {len(vault.seal("x" * n, **WHOSE)) for n in range(32)} == {46 + 32}
    assert {len(vault.seal("x" * n, **WHOSE)) for n in range(32, 64)} == {46 + 64}


MOVED = {
    "table": {"place": Place("case", "name", "p1")},
    "column": {"place": Place("person", "phone", "p1")},
    "row": {"place": Place("person", "name", "p2")},
    "column and table shifted": {"place": Place("personn", "ame", "p1")},
    "subject": {"subject": "p2"},
    "class": {"data_class": "contact"},
}


@pytest.mark.parametrize("moved", MOVED)
def test_moved_words_do_not_open(moved: str) -> None:
    vault = new_vault()
    sealed = vault.seal("secret", **WHOSE)
    elsewhere = WHOSE | MOVED[moved]
    vault.seal("own", **elsewhere)  # the other subject and class have keys of their own
    with pytest.raises(SealBroken):
        vault.open(sealed, **elsewhere)


def test_words_of_another_database_do_not_open() -> None:
    keystore = MemoryKeystore()
    sealed = new_vault(keystore=keystore).seal("secret", **WHOSE)
    other = new_vault(database="town-2", keystore=keystore)
    with pytest.raises(SealBroken):
        other.open(sealed, **WHOSE)  # the key is remembered, the words are bound to town-1


def test_a_key_row_copied_from_elsewhere_does_not_unwrap() -> None:
    keystore = MemoryKeystore()
    vault = new_vault(keystore=keystore)
    vault.seal("secret", **WHOSE)
    row = keystore.find(Name("p1", "account"))
    assert row is not None
    for name, database in ((Name("p2", "account"), "town-1"), (Name("p1", "account"), "town-2")):
        copied = MemoryKeystore()
        copied.add(name, row)
        with pytest.raises(SealBroken):
            new_vault(database=database, keystore=copied).seal("x", **WHOSE | {"subject": name.subject})


def test_every_changed_bit_and_every_cut_is_noticed() -> None:
    vault = new_vault()
    sealed = vault.seal("secret", **WHOSE)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            vault.open(Sealed(changed), **WHOSE)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            vault.open(Sealed(sealed[:length]), **WHOSE)
    with pytest.raises(SealBroken):
        vault.open(Sealed(sealed + b"\0"), **WHOSE)


@settings(max_examples=300, deadline=None, print_blob=True)
@given(st.binary(max_size=120), st.booleans())
def test_rubbish_is_refused_kindly(rubbish: bytes, with_head: bool) -> None:
    vault = new_vault()
    head = bytes(vault.seal("x", **WHOSE))[:18] if with_head else b""
    with pytest.raises(SealBroken):
        vault.open(Sealed(head + rubbish), **WHOSE)


def test_forgotten_words_are_gone_for_good() -> None:
    vault = new_vault()
    name = vault.seal("secret", **WHOSE)
    contact = vault.seal("secret", **WHOSE | {"data_class": "contact"})
    vault.forget("p1", "contact")
    with pytest.raises(KeyGone):
        vault.open(contact, **WHOSE | {"data_class": "contact"})
    assert vault.open(name, **WHOSE) == "secret"
    vault.forget("p1")
    with pytest.raises(KeyGone):
        vault.open(name, **WHOSE)
    vault.seal("a new beginning", **WHOSE)
    with pytest.raises(SealBroken):
        vault.open(name, **WHOSE)


def test_nothing_said_contains_a_word() -> None:
    vault = new_vault()
    sealed = vault.seal("secret", **WHOSE)
    assert f"{sealed} {sealed!r} {[sealed]} %s" % sealed == "Sealed(…) Sealed(…) [Sealed(…)] Sealed(…)"
    with pytest.raises(SealBroken) as broken:
        vault.open(Sealed(sealed[:-1] + b"\0"), **WHOSE)
    assert broken.value.args == ()
    assert broken.value.__suppress_context__


def test_an_index_finds_equals_and_tells_little() -> None:
    vault = new_vault()
    value = vault.index("person", "telegram_id", "1234")
    assert value == vault.index("person", "telegram_id", "1234")
    assert (
        len({value, vault.index("person", "phone", "1234"), vault.index("case", "telegram_id", "1234")}) == 3
    )
    assert value != new_vault(b"other").index("person", "telegram_id", "1234")
    assert value != new_vault(database="town-2").index("person", "telegram_id", "1234")
    for bits in (1, 12, 63):
        values = {vault.index("person", "telegram_id", str(n), bits=bits) for n in range(500)}
        assert 0 <= min(values) <= max(values) < 2**bits
    for bits in (0, 64):
        with pytest.raises(ValueError, match="1 to 63"):
            vault.index("a", "b", "c", bits=bits)


def test_twelve_bits_spread_evenly() -> None:
    vault = new_vault()
    buckets = [vault.index("person", "telegram_id", str(n), bits=4) for n in range(1600)]
    counts = [buckets.count(bucket) for bucket in range(16)]
    assert 60 <= min(counts) <= max(counts) <= 150


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["column"])
def test_words_sealed_long_ago_still_open(vector: dict[str, str]) -> None:
    keyring, keystore = Keyring.ephemeral(bytes.fromhex(vector["seed"])), MemoryKeystore()
    keystore.add(
        Name(vector["subject"], vector["class"]),
        Wrapped(vector["kid"], Sealed(bytes.fromhex(vector["wrapped"]))),
    )
    vault = Vault(keyring, keystore, database=vector["database"])
    opened = vault.open(
        Sealed(bytes.fromhex(vector["sealed"])),
        subject=vector["subject"],
        data_class=vector["class"],
        place=Place(vector["table"], vector["column"], vector["row"]),
    )
    assert opened == vector["words"]
    index = vault.index(vector["table"], vector["column"], vector["words"])
    assert index == int(vector["index"])


def test_there_are_vectors() -> None:
    assert len(VECTORS) >= 4
