"""Users, teams, roles, scopes, field rights and API keys."""
