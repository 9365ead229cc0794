"""PgQueuer works on tables of ours, on a connection it is lent."""

from app.tasks.queue import open_queue


async def test_the_environment_does_not_rename_its_tables(real_database, monkeypatch):
    for name in ("PGQUEUER_PREFIX", "QUEUE_TABLE", "PGQUEUER_SCHEMA", "CHANNEL"):
        monkeypatch.setenv(name, "elsewhere")
    async with real_database.lend() as connection:
        queue = open_queue(connection)
        await queue.qm.verify_structure()

        assert queue.queries.qbq.qualified.queue_table == "jobs.pgqueuer"


async def test_a_lent_connection_speaks_json_as_text_and_is_not_used_again(real_database):
    async with real_database.lend() as connection:
        first = await connection.fetchval("SELECT pg_backend_pid()")
        assert await connection.fetchval("""SELECT '{"a": 1}'::jsonb""") == '{"a": 1}'
    async with real_database.lend() as connection:
        assert await connection.fetchval("SELECT pg_backend_pid()") != first
