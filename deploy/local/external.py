"""Parts that exist elsewhere: given by environment, they are used instead of being started."""

from collections.abc import Mapping

from deploy.local.errors import SettingError

#: The variable that names each part, and what must come with it.
VARIABLES = {
    "kafka": ("DICHTBIJ_KAFKA_BOOTSTRAP", ()),
    "postgres": ("DICHTBIJ_DATABASE_URL", ()),
    "s3": ("DICHTBIJ_S3_ENDPOINT", ("DICHTBIJ_S3_ACCESS_KEY", "DICHTBIJ_S3_SECRET_KEY")),
}


def parts(environment: Mapping[str, str]) -> set[str]:
    """Name the parts that are given."""
    return {part for part, (name, _) in VARIABLES.items() if environment.get(name)}


def check(environment: Mapping[str, str]) -> None:
    """Refuse an address that comes without the keys to it."""
    for part in parts(environment):
        name, companions = VARIABLES[part]
        missing = [companion for companion in companions if not environment.get(companion)]
        if missing:
            sentence = f"{name} is given, so {' and '.join(missing)} must be given too."
            raise SettingError(sentence)
