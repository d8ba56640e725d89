"""The question behind search and the palette: documents that match, narrowed by rights, the best first.

Rights hold three times: scopes narrow in SQL where they can, every hit is confirmed by the read path, and who may not
see some field of an entity in clear finds its records only by what they may.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from guanxi.access.models import User
from guanxi.access.rights import Rights
from guanxi.base.words import fold, tsquery, tsvector
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entities as every_entity
from guanxi.record.files import keeps_back
from guanxi.record.reach import visible
from guanxi.record.saying import file_words
from guanxi.record.tables import file_names
from guanxi.surfaces.listing.rows import title_for

CANDIDATES = 120
"""So many matches are weighed against each other; of a word that everything has, any of them will do."""
TITLED = 300
"""So many titles that begin as typed are looked at."""
ROUNDS = 4
"""How often more candidates are fetched when rights turned many away."""
AT_A_TIME = 40
"""So many candidates are confirmed before it is asked whether more are wanted."""
FUZZY = 3_000
"""A single word that more documents have is answered from a sample of its index entries."""
SHORT = 3
"""A word of so many letters may begin thousands of others."""


Candidate = tuple[int, str, int]
"""(document, entity, record)."""


@dataclass(frozen=True)
class Hit:
    """A record that was found."""

    entity: Entity
    key: int
    title: str
    sub: str = ""

    @property
    def url(self) -> str:
        return f"/{self.entity.path}/{self.key}"


def find(text: str, *, to: User, entities: Iterable[Entity] | None = None, limit: int = 20) -> list[Hit]:
    """The records that match what was typed and that this person may see, the best first."""
    words = tsquery(text)
    seen = searched(to) if entities is None else [one for one in entities if one.searchable and to.rights.may("see", one.path)]
    if words is None or not seen:
        return []
    by_path = {one.path: one for one in seen}
    found: dict[tuple[str, int], Hit] = {}
    _confirm(_titled(text, words, seen, to=to), words, by_path, found, limit, to=to)
    turned_away: list[int] = []
    for asked in _ways(words):
        for _round in range(ROUNDS):
            if len(found) >= limit:
                break
            candidates = _worded(asked, seen, turned_away, to=to)
            _confirm(candidates, words, by_path, found, limit, to=to)
            turned_away += [document for document, _entity, _key in candidates]
            if len(candidates) < CANDIDATES:
                break
    return list(found.values())[:limit]


def searched(user: User) -> list[Entity]:
    """The entities a person searches: those they may see, settings aside."""
    seen = [one for one in every_entity() if one.searchable and user.rights.may("see", one.path)]
    return [one for one in seen if one.group or not one.settings]


def with_words(texts: Iterable[str], entity: Entity, *, to: User) -> set[int]:
    """Records of an entity that have all words of any of these texts, a few of each, in one query: to be weighed by what of them the person may see."""
    queries = sorted({query for query in map(tsquery, texts) if query})
    if not queries:
        return set()
    where, parameters = _scope([entity], to=to)
    statement = f"""
        SELECT found.record_id FROM unnest(%s::text[]) asked (query),
            LATERAL (SELECT record_id FROM search_document WHERE words @@ asked.query::tsquery AND {where} LIMIT {AT_A_TIME}) found
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [queries, *parameters])
        return {key for (key,) in cursor.fetchall()}


def _titled(text: str, words: str, seen: Sequence[Entity], *, to: User) -> list[Candidate]:
    """Records whose titles begin as typed, the shortest first."""
    where, parameters = _scope(seen, to=to)
    typed = fold(text)[:200].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    statement = f"""
        WITH titled AS MATERIALIZED (
            SELECT id, entity, record_id, words, title, owner_id, team_id, shared FROM search_document
            WHERE lower(title) LIKE %s ORDER BY lower(title) USING ~<~ LIMIT {TITLED}
        )
        SELECT id, entity, record_id FROM titled WHERE {where} AND words @@ %s::tsquery ORDER BY length(title), id DESC
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [f"{typed}%", *parameters, words])
        return list(cursor.fetchall())


def _worded(words: str, seen: Sequence[Entity], passed: Sequence[int], *, to: User) -> list[Candidate]:
    """Records the words are found in, by rank; those passed already left out."""
    where, parameters = _scope(seen, to=to)
    statement = f"""
        WITH worded AS MATERIALIZED (
            SELECT id, entity, record_id, words FROM search_document
            WHERE words @@ %s::tsquery AND {where} AND id <> ALL(%s) LIMIT {CANDIDATES}
        )
        SELECT id, entity, record_id FROM worded ORDER BY ts_rank('{{0.05, 0.2, 0.5, 1.0}}', words, %s::tsquery) DESC, id DESC
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if "scoped" not in where and _single(words):
            cursor.execute(f"SET LOCAL gin_fuzzy_search_limit = {FUZZY}")
        cursor.execute(statement, [words, *parameters, list(passed), words])
        return list(cursor.fetchall())


def _ways(words: str) -> list[str]:
    """A short word as it stands before whatever begins with it: that is better, and there is far less to look through."""
    whole = words.removesuffix(":*")
    return [whole, words] if _single(words) and len(whole) <= SHORT + len("''") else [words]


def _single(words: str) -> bool:
    """One word only: of several, a sample of each would have little in common."""
    return "&" not in words and "|" not in words


def _scope(seen: Sequence[Entity], *, to: User) -> tuple[str, list[Any]]:
    """SQL that narrows documents to what the person may see as far as owner, team and sharing tell; the rest is confirmed later."""
    rights: Rights = to.rights
    wide = [one.path for one in seen if rights.everything or not _by_owner(one, rights)]
    owned = [one.path for one in seen if one.path not in wide]
    if not owned:
        return "entity = ANY(%s)", [wide]
    teams = sorted({team for path in owned for team in _teams(path, rights)})
    parts = ["owner_id = %s", "shared @> ARRAY[%s]::bigint[]"]
    values: list[Any] = [to.pk, to.pk]
    if teams:
        parts.append("team_id = ANY(%s)")
        values.append(teams)
    scoped = f"(entity = ANY(%s) AND ({' OR '.join(parts)}))"
    if not wide:
        return f"{scoped} /* scoped */", [owned, *values]
    return f"({scoped} OR entity = ANY(%s)) /* scoped */", [owned, *values, wide]


def _by_owner(entity: Entity, rights: Rights) -> bool:
    """Whether a document's owner, team and sharing tell who may see its record, and not everybody may."""
    if not entity.owned or entity.part_of or entity.settings:
        return False
    return rights.by_owner(entity.path) and bool(rights.where("see", entity.path))


def _teams(path: str, rights: Rights) -> Iterable[int]:
    scopes = {grant.scope for grant in rights.why("see", path)}
    return rights.below_ids if "below" in scopes else rights.team_ids if "team" in scopes else ()


# ——— confirming ———


def _confirm(
    candidates: Sequence[Candidate], words: str, seen: dict[str, Entity], found: dict[tuple[str, int], Hit], limit: int, *, to: User
) -> None:
    """Add those of the candidates that the reader may see, found by what they may see, in their order, until there are enough."""
    new = [one for one in candidates if one[1:] not in found]
    for start in range(0, len(new), max(AT_A_TIME, limit)):
        if len(found) >= limit:
            return
        _confirm_some(new[start : start + max(AT_A_TIME, limit)], words, seen, found, to=to)


def _confirm_some(
    candidates: Sequence[Candidate], words: str, seen: dict[str, Entity], found: dict[tuple[str, int], Hit], *, to: User
) -> None:
    """One query an entity."""
    by_entity: dict[str, list[int]] = {}
    for _document, path, key in candidates:
        by_entity.setdefault(path, []).append(key)
    hits: dict[tuple[str, int], Hit] = {}
    for path, keys in by_entity.items():
        entity = seen[path]
        name, subtitle = title_for(entity, to=to), _subtitle(entity, to=to)
        for record in _really(entity, keys, words, subtitle, to=to):
            hits[path, record.pk] = Hit(entity, record.pk, name(record), _sub(entity, record, subtitle, to=to))
    found.update({(path, key): hits[path, key] for _document, path, key in candidates if (path, key) in hits})


def _really(entity: Entity, keys: Sequence[int], words: str, subtitle: Sequence[Field], *, to: User) -> list[Any]:
    """The records among these that may be seen; for a reader with fields withheld, only those found by the other fields."""
    found = visible(entity, to=to).filter(pk__in=keys)
    searched = [one for one in entity.fields.values() if one.search]
    clear = [one for one in searched if to.rights.level(entity.path, one.name) > 1]
    if len(clear) == len(searched) and entity.veil_for(to) is None:
        names = {entity.title, *("custom" if one.custom else one.name for one in subtitle)}
        return list(found.only("pk", *names))
    records = list(found)
    files = file_names(entity, [record.pk for record in records if not keeps_back(entity, record, to)])
    vectors = [
        tsvector([(one.search, one.k.tokens(one.of(record))) for one in clear] + [file_words(name) for name in files.get(record.pk, ())])
        for record in records
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place FROM unnest(%s::text[]) WITH ORDINALITY AS told (vector, place) WHERE vector::tsvector @@ %s::tsquery",
            [vectors, words],
        )
        places = {place - 1 for (place,) in cursor.fetchall()}
    return [record for place, record in enumerate(records) if place in places]


def _subtitle(entity: Entity, *, to: User) -> list[Field]:
    """The fields shown beside the title to this reader."""
    fields = [entity.fields[name] for name in entity.subtitle if name in entity.fields]
    return [one for one in fields if to.rights.level(entity.path, one.name) > 1 and not one.k.linked()]


def _sub(entity: Entity, record: Any, fields: Sequence[Field], *, to: User) -> str:
    shown = (one.k.format(one.of(record), to.locale, {}) for one in fields)
    return " · ".join(text for text in shown if text)
