"""Indexes by which search finds titles that begin as typed, and what belongs to one person or team."""

from django.db import migrations

MADE = """
CREATE INDEX search_document_title ON search_document (lower(title) text_pattern_ops);
CREATE INDEX search_document_owner ON search_document (owner_id);
CREATE INDEX search_document_team ON search_document (team_id);
CREATE INDEX search_document_shared ON search_document USING gin (shared) WHERE shared IS NOT NULL;
"""
DROPPED = """
DROP INDEX search_document_title;
DROP INDEX search_document_owner;
DROP INDEX search_document_team;
DROP INDEX search_document_shared;
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0002_change_and_search")]

    operations = [migrations.RunSQL(MADE, DROPPED)]
