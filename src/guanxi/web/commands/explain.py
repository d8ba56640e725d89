"""Say what was derived for an entity, and why a user may or may not."""

from __future__ import annotations

import click

from guanxi.access.explain import field_levels, why
from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.memory import keep_up
from guanxi.web.command import RefusedError


def register(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(explain)


@click.command()
@click.argument("entity", required=False)
@click.argument("record", type=int, required=False)
@click.option("--as", "username", help="Explain this user's rights.")
def explain(entity: str | None, record: int | None, username: str | None) -> None:
    """`explain deals`: its fields and where they come from. `explain --as bob deals 17`: what Bob may do, and because of what."""
    keep_up()
    if entity is None:
        for one in entities():
            click.echo(f"{one.path:16} {one.noun.many}: {len(one.fields)} fields, {len(one.verbs)} verbs")
        return
    try:
        noun = entity_named(entity)
    except LookupError as unknown:
        raise RefusedError(str(unknown)) from None
    if username is None:
        if record is not None:
            raise RefusedError(f"say whose rights on {noun.noun.one} {record}: --as USER")
        _declared(noun)
        return
    user = User.objects.filter(username=username).first()
    if user is None:
        raise RefusedError(f"there is no user “{username}”")
    if record is not None and not noun.model._default_manager.filter(pk=record).exists():
        raise RefusedError(f"there is no {noun.noun.one} {record}")
    what = f"{noun.noun.one} {record}" if record is not None else str(noun.noun.many)
    click.echo(f"{user} and {what}:")
    for reason in why(user, noun, record):
        click.echo(f"  {reason.action:9} {'yes' if reason.allowed else 'no ':3}  {'; '.join(reason.because)}")
    for name, level in field_levels(user, noun).items():
        click.echo(f"  field {name}: {level.name.lower()}")


def _declared(entity: Entity) -> None:
    click.echo(f"{entity.path} ({entity.noun.one}, {entity.noun.many}): {entity.model._meta.label}, table {entity.model._meta.db_table}")
    for field in entity.fields.values():
        traits = [
            name for name in ("required", "read_only", "glance", "card", "total", "identity", "indexed", "custom") if getattr(field, name)
        ]
        traits += [f"search {field.search}"] if field.search else []
        traits += [f"→ {field.k.linked()}"] if field.k.linked() else []
        traits += ["set by a verb"] if field.write else []
        traits += [f"= {field.rollup}"] if field.rollup else []
        click.echo(f"  {field.name:20} {field.k.name:14} {', '.join(traits):40} {field.source}")
    for verb in entity.verbs:
        click.echo(
            f"  verb {verb.name}: {verb.label}" + (f" (asks for {', '.join(one.name for one in verb.fields)})" if verb.fields else "")
        )
    for related in entity.related:
        click.echo(f"  list {related.name}: {related.entity} by {related.by}")
