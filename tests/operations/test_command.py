"""The `guanxi` command: help, errors in one line, exit codes, people's accounts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore

from guanxi.web.command import cli
from guanxi.web.commands.user import user as user_command
from tests.operations.conftest import guanxi


def test_help_lists_what_there_is_and_needs_no_database(tmp_path: Path) -> None:
    said = guanxi(tmp_path / "none", "--help")

    assert said.returncode == 0
    listed = {line.split()[0] for line in said.stdout.partition("Commands:")[2].splitlines() if line.startswith("  ")}
    assert {"serve", "web", "worker", "migrate", "user", "check"} <= listed
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "error"),
    [
        (["sevre"], {}, 2, "guanxi: No such command 'sevre'.\n"),
        (["serve", "--fast"], {}, 2, "guanxi: No such option '--fast'.\n"),
        (["serve"], {"GUANXI_PORT": "http"}, 3, "guanxi: GUANXI_PORT: 'http' is not a whole number\n"),
        (
            ["migrate"],
            {"GUANXI_PORTS": "80", "GUANXI_DEBUG": "?"},
            3,
            "guanxi: GUANXI_DEBUG: '?' is neither yes nor no\nguanxi: GUANXI_PORTS is not a setting; did you mean GUANXI_PORT?\n",
        ),
    ],
)
def test_a_wrong_call_is_one_line_and_an_exit_code(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], code: int, error: str
) -> None:
    refused = guanxi(tmp_path, *arguments, **settings)

    assert (refused.returncode, refused.stderr, refused.stdout) == (code, error, "")


def test_a_database_without_tables_is_said_in_a_line(data_directory: Path) -> None:
    refused = guanxi(data_directory, "demo")

    assert refused.returncode == 4
    assert refused.stderr.startswith("guanxi: the database has not the tables of this version; `guanxi migrate` makes them (")
    assert "epoch" in refused.stderr


def test_a_data_directory_that_cannot_be_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    refused = guanxi(tmp_path / "file" / "below", "migrate")

    said = f"guanxi: GUANXI_DATA_DIR: {tmp_path}/file/below cannot be used (Not a directory); name another directory\n"
    assert (refused.returncode, refused.stderr) == (3, said)


def test_a_database_that_does_not_answer_is_exit_code_4(tmp_path: Path) -> None:
    refused = guanxi(tmp_path, "user", "list", GUANXI_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert refused.returncode == 4
    assert refused.stderr.startswith("guanxi: the database does not answer: ")
    assert refused.stderr.count("\n") == 1


def test_the_commands_that_help_names_can_all_be_called() -> None:
    for name in cli.list_commands(None):  # type: ignore[arg-type] # needs no context
        assert CliRunner().invoke(cli, [name, "--help"]).exit_code == 0, name


# ——— people's accounts ———


def user(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(user_command, list(arguments), input=text)


@pytest.mark.django_db
def test_a_person_is_created_and_may_sign_in() -> None:
    done = user("create", "alice", "--name", "Alice", "--administrator", "--password-stdin", text="a-long-pass-phrase\n")

    assert (done.exit_code, done.output) == (0, "alice may sign in\n")
    alice = get_user_model().objects.get(username="alice")
    assert (alice.name, alice.is_superuser, alice.check_password("a-long-pass-phrase")) == ("Alice", True, True)
    assert alice.password.startswith("argon2$")


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["short", "password123", "4208170420"])
def test_a_weak_password_is_refused_and_nobody_is_made(password: str) -> None:
    refused = user("create", "alice", "--password-stdin", text=f"{password}\n")

    assert refused.exit_code == 1
    assert get_user_model().objects.count() == 0


@pytest.mark.django_db
def test_without_a_terminal_a_password_is_not_waited_for() -> None:
    refused = user("create", "alice")

    assert refused.exit_code == 1
    assert "use --password-stdin" in refused.output


@pytest.mark.django_db
def test_a_name_is_given_once() -> None:
    user("create", "alice", "--password-stdin", text="a-long-pass-phrase\n")

    again = user("create", "Alice", "--password-stdin", text="a-long-pass-phrase\n")

    assert again.exit_code == 1
    assert get_user_model().objects.count() == 1


@pytest.mark.django_db
def test_a_disabled_person_is_signed_out_and_listed_so() -> None:
    user("create", "bob", "--name", "Bob", "--password-stdin", text="a-long-pass-phrase\n")
    session = SessionStore()
    session["_auth_user_id"] = str(get_user_model().objects.get().pk)
    session.save()

    assert user("disable", "bob").output == "bob may no longer sign in; 1 sessions ended\n"

    listed = json.loads(user("list", "--json").output)
    assert (listed["username"], listed["may_sign_in"]) == ("bob", False)
    assert user("list").output == "bob\tBob\t\tdisabled\n"
    assert not session.exists(session.session_key)
    assert user("enable", "bob").output == "bob may sign in\n"


@pytest.mark.django_db
def test_a_new_password_replaces_the_old_and_ends_sessions() -> None:
    user("create", "bob", "--password-stdin", text="a-long-pass-phrase\n")

    done = user("password", "bob", "--password-stdin", text="another-long-phrase\n")

    assert done.output == "bob has a new password; 0 sessions ended\n"
    assert get_user_model().objects.get().check_password("another-long-phrase")


@pytest.mark.django_db
def test_an_unknown_person_is_named() -> None:
    refused = user("disable", "nemo")

    assert (refused.exit_code, refused.output) == (1, "Error: nobody signs in as nemo\n")
