"""Is it alive, is it ready."""

from sqlalchemy import column, delete, table

from app.core.statements import Command


async def test_a_process_that_answers_is_alive_without_a_database(http_nowhere):
    response = await http_nowhere.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_it_is_ready_with_a_database_that_is_migrated(http):
    response = await http.get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_it_is_not_ready_without_a_database(http_nowhere):
    response = await http_nowhere.get("/health/ready")

    assert (response.status_code, response.json()) == (503, {"status": "unavailable"})
    assert response.headers["Content-Type"] == "application/json"


async def test_it_is_not_ready_before_the_database_is_migrated(http, connection):
    await connection.run(Command(delete(table("alembic_version", column("version_num")))))

    assert (await http.get("/health/ready")).status_code == 503
