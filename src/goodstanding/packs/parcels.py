"""A policy pack as one parcel of files: taken from where a pack lies or out of what somebody hands in, kept as text, read, handed out as a ZIP."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.packs.lists import check_lists
from goodstanding.packs.loader import LARGEST_FILE, MAIN_FILE, find_pack, included_files, load_pack

MOST_FILES = 200
"""Files of one pack; ours has thirty."""

SUFFIX = ".toml"
_FIXED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Parcel:
    """The files of a pack by their path inside its folder. `main`: the one to begin with."""

    main: str
    files: Mapping[str, str]

    def over(self, base: "Parcel") -> "Parcel":
        """These files laid over those of another pack. One file of a name the other does not have takes the place of its main file."""
        if len(self.files) == 1 and self.main not in base.files:
            return Parcel(base.main, {**base.files, base.main: self.files[self.main]})
        return Parcel(base.main if base.main in self.files or self.main not in self.files else self.main, {**base.files, **self.files})


def parcel_of(name_or_path: str) -> Parcel:
    """The files of a shipped pack, or of one of your own. Raises as `load_pack` does."""
    main = find_pack(name_or_path)
    found = sorted(main.parent.rglob(f"*{SUFFIX}")) if main.name == MAIN_FILE else [main, *included_files(main)]
    return Parcel(main.name, {path.relative_to(main.parent).as_posix(): path.read_text("utf-8-sig") for path in found[:MOST_FILES]})


def read_parcel(name: str, data: bytes) -> Parcel:
    """What somebody hands in: one `.toml` file, or a ZIP of a pack's folder. Raises UnusableInput where it is neither, or too much."""
    if len(data) > LARGEST_FILE:
        raise UnusableInput(f"{name} is larger than {LARGEST_FILE} bytes; that is no policy pack")
    if not zipfile.is_zipfile(io.BytesIO(data)):
        own = PurePosixPath(name.replace("\\", "/")).name or MAIN_FILE
        if not own.endswith(SUFFIX):
            raise UnusableInput(f"{own} is neither a {SUFFIX} file nor a ZIP of a pack's folder")
        return Parcel(own, {own: _text(own, data)})
    files = _unpacked(name, data)
    top = [path for path in files if "/" not in path]
    main = MAIN_FILE if MAIN_FILE in files else top[0] if len(top) == 1 else ""
    if not main:
        raise UnusableInput(f"{name} holds no {MAIN_FILE}; put the pack's own files at its top")
    return Parcel(main, files)


def load_parcel(parcel: Parcel) -> PolicyPack:
    """The pack that the files say, its lists looked at too. Raises InvalidPack with every mistake and its place."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in parcel.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        main = str(folder / parcel.main)
        pack = load_pack(main)
        check_lists(main, pack)
    return pack


def pack_up(parcel: Parcel) -> bytes:
    """The parcel as a ZIP; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(parcel.files):
            archive.writestr(zipfile.ZipInfo(path, _FIXED), parcel.files[path].encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _unpacked(name: str, data: bytes) -> dict[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(SUFFIX) and not PurePosixPath(one.filename).name.startswith(".")]
            # What the archive says of itself is not believed: reading stops at the limit whatever the header promised.
            if len(members) > MOST_FILES or sum(one.file_size for one in members) > LARGEST_FILE:
                raise UnusableInput(f"{name} unpacks to more than {MOST_FILES} files or {LARGEST_FILE} bytes; that is no policy pack")
            files, left = {}, LARGEST_FILE
            for one in members:
                with archive.open(one) as member:
                    content = member.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise UnusableInput(f"{name} unpacks to more than {LARGEST_FILE} bytes; that is no policy pack")
                files[_inside(name, one.filename)] = _text(one.filename, content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnusableInput(f"{name} cannot be unpacked: {error}") from None
    return _without_folder(files)


def _inside(name: str, path: str) -> str:
    parts = PurePosixPath(path.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in path or "\0" in path:
        raise UnusableInput(f"{name} holds a file outside its folder: {path}")
    return parts.as_posix()


def _without_folder(files: dict[str, str]) -> dict[str, str]:
    """The files without the one folder that all of them lie in, as most programs pack it."""
    tops = {path.partition("/")[0] for path in files}
    if len(tops) == 1 and all("/" in path for path in files):
        return {path.partition("/")[2]: text for path, text in files.items()}
    return files


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableInput(f"{name}: byte {error.start} is no UTF-8; save the file as UTF-8") from None
