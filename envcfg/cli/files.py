"""Files that a command writes: whole or not at all, and a refusal is a sentence."""

from pathlib import Path

from envcfg.core.errors import EnvcfgError


def write(path: Path, text: str) -> Path:
    """Write *text* to *path*, making its folder; raises `EnvcfgError` where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EnvcfgError(f"cannot write {path}: {error.strerror or error}") from error
    return path
