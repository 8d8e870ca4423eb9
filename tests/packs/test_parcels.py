"""A pack as a parcel: taken, laid over another, packed, read again; and what is no pack is refused with a clear word (requirement K2)."""

import io
import zipfile

import pytest

from goodstanding.core.errors import InvalidPack, UnusableInput
from goodstanding.packs.loader import load_pack
from goodstanding.packs.parcels import Parcel, load_parcel, pack_up, parcel_of, read_parcel


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("name", ["amazon", "minimal"])
def test_a_pack_that_is_packed_and_handed_in_again_is_the_same_pack(name: str) -> None:
    again = read_parcel("pack.zip", pack_up(parcel_of(name)))
    assert load_parcel(again).digest == load_pack(name).digest


def test_one_file_takes_the_place_of_its_namesake_and_an_unknown_one_that_of_the_main_file() -> None:
    base = parcel_of("amazon")
    for name in ("pack.toml", "next.toml"):
        changed = read_parcel(name, base.files["pack.toml"].replace("2026.11", "2027.01").encode()).over(base)
        assert changed.files.keys() == base.files.keys()
        assert load_parcel(changed).version == "2027.01"


def test_a_zip_of_the_folder_itself_is_taken_without_it() -> None:
    inside = zipped({f"my-pack/{name}": text.encode() for name, text in parcel_of("minimal").files.items()} | {"my-pack/README.md": b"x"})
    assert load_parcel(read_parcel("p.zip", inside)).id == "minimal"


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("notes.txt", b"id = 1", "neither"),
        ("p.zip", zipped({"../pack.toml": b"x"}), "outside its folder"),
        ("p.zip", zipped({"/etc/pack.toml": b"x"}), "outside its folder"),
        ("p.zip", zipped({"a.toml": b"x", "b.toml": b"y"}), "holds no pack.toml"),
        ("p.zip", zipped({f"{n}.toml": b"" for n in range(300)}), "more than 200 files"),
        ("bomb.zip", zipped({"pack.toml": b"#" * 20_000_000}), "more than"),
        ("p.zip", zipped({"pack.toml": b"title = '\xff'"}), "UTF-8"),
        ("big.toml", b"#" * 5_000_000, "larger than"),
    ],
)
def test_what_is_no_pack_is_refused_with_a_clear_word(name: str, data: bytes, word: str) -> None:
    with pytest.raises(UnusableInput, match=word):
        read_parcel(name, data)


def test_mistakes_are_told_by_the_files_own_name() -> None:
    with pytest.raises(InvalidPack) as invalid:
        load_parcel(Parcel("pack.toml", {"pack.toml": "id = [broken"}))
    assert invalid.value.findings[0].where.startswith("pack.toml:1:")
