"""From numpy to Arrow: whole columns at once, nothing row by row.

Moments are whole seconds since 1970 in UTC while a marketplace is being made; `MISSING` stands for "not (yet)".
Texts from a short list are codes into it; -1 is null.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Whole = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Real = npt.NDArray[np.float64]

MISSING = int(np.iinfo(np.int64).min)
"""The moment of something that has not happened."""
DAY = 86_400
"""Seconds of a day."""
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_SCRAMBLE = np.uint64(0x9E3779B97F4A7C15)  # odd, so multiplying by it is a bijection of the low bits
MONEY = pa.decimal128(12, 2)
"""Amounts in the currency's units, two digits after the point."""


def moments(seconds: Whole) -> pa.Array:
    """Seconds as UTC timestamps without a zone, `MISSING` as null."""
    missing = seconds == MISSING
    return pa.array(np.where(missing, 0, seconds) * 1_000_000, mask=missing).cast(pa.timestamp("us"))


def coded(vocabulary: Sequence[str], codes: npt.NDArray[Any]) -> pa.Array:
    """The texts that codes stand for, null for negative codes."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(list(vocabulary), pa.string())).cast(pa.string())


def flags(values: npt.NDArray[Any]) -> pa.Array:
    """Truth values from 1, 0 and -1 (null)."""
    return pa.array(values > 0, mask=values < 0)


def money(cents: Whole) -> pa.Array:
    """Decimal amounts from hundredths; none negative."""
    words = np.zeros((len(cents), 2), dtype=np.int64)
    words[:, 0] = cents
    return pa.Array.from_buffers(MONEY, len(cents), [None, pa.py_buffer(words)])


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts put together element by element; a str is the same for all."""
    return pc.binary_join_element_wise(*parts, "")


def whole(numbers: npt.NDArray[Any]) -> pa.Array:
    """Numbers as plain decimal text."""
    return pa.array(numbers).cast(pa.string())


def digits(numbers: Whole, width: int) -> pa.Array:
    """Numbers as decimal text of exactly `width` digits."""
    return _fixed(_digit_matrix(numbers, width))


def hexed(numbers: Whole, width: int) -> pa.Array:
    """Numbers as scrambled hexadecimal text of `width` digits: different numbers below 16^width give different texts."""
    return _fixed(_HEX[_nibbles(numbers, width)])


def colon_hexed(numbers: Whole) -> pa.Array:
    """Ten scrambled hexadecimal digits in pairs with colons, as the tail of a hardware address."""
    pairs = _HEX[_nibbles(numbers, 10)].reshape(len(numbers), 5, 2)
    return _fixed(np.concatenate([np.full((len(numbers), 5, 1), ord(":"), np.uint8), pairs], axis=2).reshape(len(numbers), 15))


def order_ids(prefixes: Whole) -> pa.Array:
    """One id like 204-1234567-1234567 per order; distinct for up to ten million orders."""
    place = np.arange(len(prefixes), dtype=np.int64)
    middle = (place * 6_700_417 + 1_234_567) % 10_000_000  # 6,700,417 shares no factor with ten million: all different
    last = (place * 2_147_001 + 7_654_321) % 9_999_991
    dash = np.full((len(prefixes), 1), ord("-"), np.uint8)
    return _fixed(np.concatenate([_digit_matrix(prefixes, 3), dash, _digit_matrix(middle, 7), dash, _digit_matrix(last, 7)], axis=1))


def _nibbles(numbers: Whole, width: int) -> npt.NDArray[np.int64]:
    mask = np.uint64((1 << (4 * width)) - 1)
    mixed = (numbers.astype(np.uint64) * _SCRAMBLE) & mask
    shifts = np.arange(4 * (width - 1), -1, -4, dtype=np.uint64)
    return ((mixed[:, None] >> shifts) & np.uint64(15)).astype(np.int64)


def _digit_matrix(numbers: Whole, width: int) -> npt.NDArray[np.uint8]:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return ((numbers[:, None] // powers) % 10 + ord("0")).astype(np.uint8)


def _fixed(letters: npt.NDArray[np.uint8]) -> pa.Array:
    rows, width = letters.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters)))
