"""A table as the bytes of a file."""

import io
import json
import re
from typing import Final

import polars as pl

from envcfg.analysis.formatting import printable

FORMULA: Final = r"^[=+\-@\t\r]"
"""A spreadsheet takes a cell that begins like this for a formula."""
NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """CSV in UTF-8. A text that a spreadsheet would run as a formula gets an apostrophe in front. Lists are JSON.

    A control character is written as an escape, so that a terminal shows it and does not obey it.
    """
    plain = frame.with_columns(_as_text(name, dtype) for name, dtype in frame.schema.items() if _is_text(dtype))
    out = io.BytesIO()
    _shown(plain).rename(lambda name: printable(f"'{name}" if re.match(FORMULA, name) else name)).write_csv(out)
    return out.getvalue()


def json_bytes(frame: pl.DataFrame) -> bytes:
    """Strict JSON: an array with an object for each row. Times are in ISO 8601; infinity and NaN are null."""
    return frame.write_json().encode()


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """Parquet, compressed with Zstandard."""
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def _is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical, pl.List)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.List:
        return column.map_elements(lambda found: json.dumps(found.to_list(), ensure_ascii=False), pl.String)
    text = column.cast(pl.String)
    is_formula = text.str.contains(FORMULA) & ~text.str.contains(NUMBER)
    return pl.when(is_formula).then(pl.format("'{}", text)).otherwise(text).alias(name)


def _shown(frame: pl.DataFrame) -> pl.DataFrame:
    """*frame* with an escape for every control character. Texts repeat, so each different one is looked at once."""
    for name, dtype in frame.schema.items():
        if dtype == pl.String:
            hidden = [text for text in frame[name].unique() if text is not None and not text.isprintable()]
            if hidden:
                frame = frame.with_columns(pl.col(name).replace(hidden, [printable(text) for text in hidden]))
    return frame
