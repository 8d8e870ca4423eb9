"""Finding and reading packs from disk: names, folders, includes, syntax errors, digests (requirement K2)."""

import shutil
from pathlib import Path

import pytest

from goodstanding.core.errors import InvalidPack, NotFound
from goodstanding.packs import loader
from goodstanding.packs.loader import available_packs, load_pack

SHIPPED = Path(loader.__file__).parent


@pytest.fixture
def own_pack(tmp_path):
    """The minimal pack copied to a folder of one's own, as its first comment says."""
    shutil.copy(SHIPPED / "minimal" / "pack.toml", tmp_path / "pack.toml")
    return tmp_path


def findings(path) -> list[str]:
    with pytest.raises(InvalidPack) as caught:
        load_pack(str(path))
    return [finding.line() for finding in caught.value.findings]


def test_the_shipped_packs_are_listed_and_load():
    assert available_packs() == ("amazon", "minimal")
    assert [load_pack(name).id for name in available_packs()] == ["amazon", "minimal"]


def test_a_copied_pack_loads_by_folder_and_by_file_to_the_same_digest(own_pack):
    assert load_pack(str(own_pack)) == load_pack(str(own_pack / "pack.toml"))
    assert load_pack(str(own_pack)).digest == load_pack("minimal").digest


def test_any_changed_byte_changes_the_digest(own_pack):
    before = load_pack(str(own_pack)).digest
    with (own_pack / "pack.toml").open("a") as file:
        file.write("# a remark\n")
    assert load_pack(str(own_pack)).digest != before


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(NotFound, match=r"no policy pack is called 'amazn' \(did you mean 'amazon'\?\)"):
        load_pack("amazn")


def test_a_missing_file_is_answered_with_what_can_be_given(tmp_path):
    with pytest.raises(NotFound, match=r"give a \.toml file, a folder that holds pack\.toml, or one of: amazon, minimal"):
        load_pack(str(tmp_path / "nothing.toml"))


def test_a_syntax_error_is_told_with_line_and_column(own_pack):
    (own_pack / "pack.toml").write_text('id = "x"\nversion = \n')
    assert findings(own_pack) == ["pack.toml:2:11: error: is no TOML: invalid value (quote texts, and close every bracket and quote)"]


def test_a_file_that_is_not_utf_8_is_told_so(own_pack):
    (own_pack / "pack.toml").write_bytes('title = "商店"\n'.encode("gbk"))
    assert findings(own_pack) == ["pack.toml: error: byte 9 is no UTF-8 (save the file as UTF-8)"]


def test_an_include_outside_the_folder_is_refused(own_pack):
    (own_pack / "sub").mkdir()
    shutil.move(own_pack / "pack.toml", own_pack / "sub" / "pack.toml")
    (own_pack / "secret.toml").write_text("a = 1\n")
    path = own_pack / "sub" / "pack.toml"
    path.write_text('include = ["../secret.toml"]\n' + path.read_text())
    assert findings(path) == [
        "pack.toml: include[1]: error: '../secret.toml' lies outside the pack's folder (a pack is one folder; copy the file into it)"
    ]


def test_a_symbolic_link_out_of_the_folder_is_refused_too(own_pack, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "more.toml"
    outside.write_text("a = 1\n")
    (own_pack / "more.toml").symlink_to(outside)
    path = own_pack / "pack.toml"
    path.write_text('include = ["more.toml"]\n' + path.read_text())
    assert "lies outside the pack's folder" in findings(path)[0]


def test_a_missing_include_is_answered_with_the_nearest_file(own_pack):
    (own_pack / "reasons.toml").write_text("")
    path = own_pack / "pack.toml"
    path.write_text('include = ["reason.toml"]\n' + path.read_text())
    assert findings(path) == ["pack.toml: include[1]: error: there is no file 'reason.toml' (did you mean 'reasons.toml'?)"]


def test_a_mistake_in_an_included_words_file_names_that_file(own_pack):
    (own_pack / "more.toml").write_text('language = "en"\n[evidence]\nshiping_records = "twice"\n')
    path = own_pack / "pack.toml"
    path.write_text('include = ["more.toml"]\n' + path.read_text())
    assert findings(path) == ["more.toml: words.en.evidence.shiping_records: error: is no key of this table (did you mean 'shipping_records'?)"]


def test_what_a_pack_writes_itself_wins_over_the_standard_words(own_pack):
    with (own_pack / "pack.toml").open("a") as file:
        file.write('[words.en.templates]\ngreeting = "Good day, ${account_name}!"\n')
    words = load_pack(str(own_pack)).words["en"]
    assert words.templates["greeting"] == "Good day, ${account_name}!"
    assert words.templates["reasons_heading"] == "WHY"
