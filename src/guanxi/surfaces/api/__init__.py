"""The REST API: `/api/v1/<entity>`, from the registry, for every entity, custom fields included.

`urls` mounts it, `door` stands around every call, `callers` says who calls, `problems` how a refusal is told;
the operations are in `records`, `upserts`, `saved_views`, `stream`, `finding` and `meta`; `openapi` describes them.
"""
