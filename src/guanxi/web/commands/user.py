"""Create, list and disable people's accounts."""

import json
import sys
from typing import Any

import click
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError

from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, edit
from guanxi.record.refusals import Refused
from guanxi.web.command import RefusedError

ORIGIN = Origin("cli")


def register(cli: click.Group) -> None:
    cli.add_command(user)


@click.group()
def user() -> None:
    """Create, list and disable people's accounts, and set their passwords."""


@user.command("create")
@click.argument("username")
@click.option("--name", help="The person's name; the user name otherwise.")
@click.option("--email", default="")
@click.option("--administrator", is_flag=True, help="May do everything.")
@click.option("--language", type=click.Choice(["en", "zh-hans"]))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create_user(username: str, name: str | None, email: str, administrator: bool, language: str | None, password_stdin: bool) -> None:
    """Add a person who may sign in."""
    values: dict[str, Any] = {"username": username, "name": name or username, "is_superuser": administrator}
    values |= {"email": email} if email else {}
    values |= {"language": language} if language else {}
    password = _password(password_stdin, get_user_model()(username=username, email=email))
    try:
        person = create(entity_named("users"), values, by=SYSTEM, origin=ORIGIN)
    except Refused as refused:
        raise RefusedError(str(refused)) from refused
    _set_password(person, password)
    click.echo(f"{username} may sign in")


@user.command("password")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(username: str, password_stdin: bool) -> None:
    """Set a person's password and end their sessions."""
    person = _named(username)
    _set_password(person, _password(password_stdin, person))
    click.echo(f"{username} has a new password; {_end_sessions(person)} sessions ended")


@user.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Let a person no longer sign in, and end their sessions. Their records stay theirs."""
    person = _named(username)
    edit(person, {"is_active": False}, by=SYSTEM, origin=ORIGIN)
    click.echo(f"{username} may no longer sign in; {_end_sessions(person)} sessions ended")


@user.command("enable")
@click.argument("username")
def enable(username: str) -> None:
    """Let a person sign in again."""
    edit(_named(username), {"is_active": True}, by=SYSTEM, origin=ORIGIN)
    click.echo(f"{username} may sign in")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_users(as_json: bool) -> None:
    """List everybody."""
    for person in get_user_model().objects.select_related("team").order_by("username"):
        facts = {
            "username": person.username,
            "name": person.name,
            "email": person.email,
            "team": person.team.name if person.team else None,
            "administrator": person.is_superuser,
            "may_sign_in": person.is_active,
        }
        if as_json:
            click.echo(json.dumps(facts, ensure_ascii=False))
        else:
            marks = ("administrator" if person.is_superuser else "", "" if person.is_active else "disabled")
            click.echo("\t".join([person.username, person.name, person.team.name if person.team else "", " ".join(marks).strip()]).rstrip())


def _named(username: str) -> Any:
    person = get_user_model().objects.filter(username__iexact=username).first()
    if person is None:
        raise RefusedError(f"nobody signs in as {username}")
    return person


def _password(from_stdin: bool, person: Any) -> str:
    if from_stdin:
        typed = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        typed = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise RefusedError("there is no terminal to ask for the password: use --password-stdin")
    try:
        validate_password(typed, person)
    except ValidationError as weak:
        raise RefusedError(" ".join(weak.messages)) from weak
    return str(typed)


def _set_password(person: Any, password: str) -> None:
    """A password is a secret, no field of the record: it has no place in history."""
    person.set_password(password)
    get_user_model().objects.filter(pk=person.pk).update(password=person.password)


def _end_sessions(person: Any) -> int:
    ended = 0
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
            ended += 1
    return ended
