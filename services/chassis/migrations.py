"""Bring one service's schema up to date with Alembic; several may try at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config

_HERE = Path(__file__).parent / "alembic"


def migrate(schema: str, url: str, versions: Path) -> None:
    """Apply the chassis' and the service's own migrations that this schema has not had yet.

    `url` is an ordinary PostgreSQL URL, `versions` the folder of the service's migrations.
    """
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{_HERE / 'versions'}\n{versions}")
    config.attributes["schema"] = schema
    config.attributes["url"] = url.replace("postgresql://", "postgresql+psycopg://", 1)
    command.upgrade(config, "heads")
