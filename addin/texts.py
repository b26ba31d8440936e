"""Text files that a person names: read whole, or refused with a sentence."""

from __future__ import annotations

from pathlib import Path

from rules.errors import ConfigError


def text_of(path: Path) -> str:
    """The text of a file that was named; ConfigError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path} is not there. Give the path of a TOML file in UTF-8.") from None
    except (OSError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{path} cannot be read as text ({wrong}). Give the path of a TOML file in UTF-8.") from None
