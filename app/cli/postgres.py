"""Placeholder."""


class EmbeddedPostgres: ...
