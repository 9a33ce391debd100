"""Tables with columns of every type, and comparing tables value by value."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from checks import clumpy_sky, equal


def with_nulls(rng, values, type_, share=0.1):
    """An Arrow array of these values, some of them null."""
    return pa.array(values, type_, mask=rng.random(len(values)) < share)


def every_type(rng, rows):
    """A table with a column of each type that HATS catalogs have, and some that they might."""
    ra, dec = clumpy_sky(rng, rows)
    signed = (pa.int8(), pa.int16(), pa.int32(), pa.int64())
    integers = {
        str(type_): with_nulls(rng, rng.integers(*bounds_of(type_), rows), type_)
        for type_ in (*signed, pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())
    }
    mag = rng.normal(18, 2, rows)
    # NaN is a value of its own, other than null.
    mag[rng.random(rows) < 0.05] = np.nan
    words = rng.choice(["", "gaia", "Aλ Centauri", "a,b;\"c\"\n", "x" * 300], rows)
    days = rng.integers(-10_000, 20_000, rows)
    return pa.table(
        {
            "id": rng.permutation(rows),
            "ra": ra,
            "dec": dec,
            **integers,
            "mag": with_nulls(rng, mag.astype(np.float32), pa.float32()),
            "flux": with_nulls(rng, mag * 1e-300, pa.float64()),
            "one": np.full(rows, 7, np.int64),
            "nothing": pa.nulls(rows, pa.float64()),
            "flag": with_nulls(rng, rng.random(rows) < 0.5, pa.bool_()),
            "word": with_nulls(rng, words, pa.string()),
            "long_word": pa.array([f"object {i}" for i in range(rows)], pa.large_string()),
            "code": pa.array(words).dictionary_encode(),
            "day": with_nulls(rng, days, pa.int32()).cast(pa.date32()),
            "time": with_nulls(rng, days * 86_400_000_000 + 123_456, pa.timestamp("us")),
            "time_utc": with_nulls(rng, days * 86_400_000_000 + 1, pa.timestamp("us", tz="UTC")),
            "raw": with_nulls(rng, [b"\x00\xff" * (i % 4) for i in range(rows)], pa.binary()),
            "price": with_nulls(rng, [Decimal(int(d)) / 100 for d in days], pa.decimal128(12, 2)),
            "curve": lists_of(rng, mag, rows),
            "a b": rng.random(rows),
        }
    )


def bounds_of(type_):
    """Half-open; below 2^63 also without a sign, since LSDB's statistics hold no more."""
    bits = type_.bit_width
    if pa.types.is_signed_integer(type_):
        return -(1 << bits - 1), 1 << bits - 1
    return 0, 1 << min(bits, 63)


def lists_of(rng, values, rows):
    """Lists of 0 to 4 doubles, some null, some with a null in them."""
    lengths = rng.integers(0, 5, rows)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    items = with_nulls(rng, rng.choice(values, offsets[-1]), pa.float64(), 0.05)
    missing = pa.array(rng.random(rows) < 0.1)
    return pa.ListArray.from_arrays(offsets, items, mask=missing)


def light_curves(rng, rows):
    """A nested column: in a row all lists have one length, which may be 0."""
    lengths = rng.integers(0, 6, rows)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    total = int(lengths.sum())
    fields = {
        "mjd": rng.uniform(58_000, 60_000, total),
        "mag": rng.normal(18, 2, total).astype(np.float32),
        "band": rng.choice(["g", "r"], total),
        "flags": rng.integers(0, 9, total).astype(np.int16),
    }
    lists = [pa.ListArray.from_arrays(offsets, pa.array(values)) for values in fields.values()]
    return pa.StructArray.from_arrays(lists, list(fields), mask=pa.array(rng.random(rows) < 0.05))


def read_ipc(path):
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def same_tables(actual, expected, key="id"):
    """Asserts the same columns, types and values, null for null and NaN for NaN, in whatever order of rows."""
    equal(actual.column_names, expected.column_names, "columns")
    equal(actual.num_rows, expected.num_rows, "rows")
    actual, expected = actual.sort_by(key), expected.sort_by(key)
    for name in expected.column_names:
        equal(plain(actual[name].type), plain(expected[name].type), f"type of {name}")
        differing = difference(actual[name], expected[name])
        assert differing is None, f"column {name}: {differing}"


def plain(type_):
    """Arrow has several layouts for one type of value: text and lists by 64-bit offsets, codes into a dictionary."""
    if pa.types.is_dictionary(type_):
        return plain(type_.value_type)
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return pa.string()
    if pa.types.is_large_binary(type_):
        return pa.binary()
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return pa.list_(plain(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([(field.name, plain(field.type)) for field in type_])
    return type_


def difference(actual, expected):
    """None, or what differs first between two columns of one plain type."""
    actual, expected = flat(actual), flat(expected)
    if len(actual) != len(expected):
        return f"{len(actual)} values instead of {len(expected)}"
    missing = actual.is_null().to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero(missing != expected.is_null().to_numpy(zero_copy_only=False))
    if len(wrong) > 0:
        return f"{len(wrong)} nulls at the wrong place, the first at {wrong[0]}"
    actual, expected = actual.drop_null(), expected.drop_null()
    if pa.types.is_struct(actual.type):
        parts = zip(actual.flatten(), expected.flatten())
        return next((found for a, b in parts if (found := difference(a, b)) is not None), None)
    if pa.types.is_list(actual.type):
        lengths = actual.value_lengths(), expected.value_lengths()
        return difference(*lengths) or difference(actual.flatten(), expected.flatten())
    if pa.types.is_floating(actual.type):
        equals = np.equal(actual.to_numpy(), expected.to_numpy())
        equals |= np.isnan(actual.to_numpy()) & np.isnan(expected.to_numpy())
    elif actual.equals(expected):
        return None
    else:
        equals = pc.equal(actual, expected).to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero(~equals)
    if len(wrong) == 0:
        return None
    first = wrong[0]
    return f"{len(wrong)} values differ, the first {actual[first]} instead of {expected[first]}"


def flat(column):
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.cast(plain(array.type))


def arrow_of(frame, drop=()):
    """An LSDB frame as an Arrow table, its index as an ordinary column in front."""
    frame = frame.reset_index().drop(columns=list(drop))
    return pa.table({name: arrow_column(frame[name]) for name in frame.columns})


def arrow_column(series):
    # A nested column: lists in a struct as they are stored, not the list of structs that it shows.
    if hasattr(series.array, "struct_array"):
        return series.array.struct_array
    return pa.array(series)
