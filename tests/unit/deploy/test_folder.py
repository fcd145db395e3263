"""The folder that holds all state of a local run."""

from pathlib import Path

import pytest

from deploy.local.desk_password import read, take
from deploy.local.folder import LOGS_KEPT, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "local")
    folder.make()
    return folder


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(folder: Folder) -> None:
    first = folder.kept("keys/receipt-key")

    assert folder.kept("keys/receipt-key") == first
    assert len(bytes.fromhex(first)) == 32
    assert (folder.root / "keys" / "receipt-key").stat().st_mode & 0o777 == 0o600


def test_each_start_gets_an_empty_log_and_the_last_ones_stay(folder: Folder) -> None:
    for start in range(LOGS_KEPT + 3):
        folder.new_log("kafka").write_text(f"start {start}")

    kept = sorted(path.name for path in folder.log("kafka").parent.iterdir())
    assert folder.log("kafka").read_text() == f"start {LOGS_KEPT + 2}"
    assert folder.log("kafka").with_name("kafka.log.1").read_text() == f"start {LOGS_KEPT + 1}"
    assert len(kept) == LOGS_KEPT + 1


def test_a_log_is_private(folder: Folder) -> None:
    assert folder.new_log("migrate").stat().st_mode & 0o777 == 0o600


def test_the_first_password_moves_from_the_log_to_a_private_file(folder: Folder) -> None:
    folder.new_log("migrate").write_text("done\nfirst-run password for coordinator: a1-b2\nbye\n")

    take(folder)

    assert read(folder) == "a1-b2"
    assert (folder.root / "desk-password").stat().st_mode & 0o777 == 0o600
    assert "a1-b2" not in folder.log("migrate").read_text()


def test_a_password_printed_by_a_run_that_was_killed_is_found_by_the_next(folder: Folder) -> None:
    folder.new_log("migrate").write_text("first-run password for coordinator: a1-b2\n")
    folder.new_log("migrate").write_text("nothing to do\n")

    take(folder)

    assert read(folder) == "a1-b2"


def test_a_later_migration_leaves_the_kept_password_alone(folder: Folder) -> None:
    folder.new_log("migrate").write_text("first-run password for coordinator: a1-b2\n")
    take(folder)
    folder.new_log("migrate").write_text("nothing to do\n")

    take(folder)

    assert read(folder) == "a1-b2"


def test_before_the_first_start_there_is_no_password(folder: Folder) -> None:
    assert read(folder) == ""
