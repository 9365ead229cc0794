"""The import contracts of pyproject.toml: kept, and each of them seen to fail."""

from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from importlinter import api
from importlinter.application import use_cases

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
OPTIONS = api.use_cases.read_user_options(str(PYPROJECT))
VIOLATIONS = {
    "Layers: entrypoints -> services -> repositories -> models -> domain -> core": [
        ("app.domain.bookings", "app.services.bookings")
    ],
    "Schemas stay at the edge": [("app.cli.main", "app.schemas.base")],
    "Models are read by repositories alone": [("app.services.health", "app.models.bookings")],
    "Services know the outside world only by its protocols": [
        ("app.services.health", "app.integrations.mail.smtp")
    ],
    "Only the composition root chooses an adapter": [
        ("app.api.deps", "app.integrations.mail.smtp")
    ],
    "Entrypoints reach data through services": [("app.api.v1.health", "app.repositories.health")],
    "SQL is written in repositories and models, and compiled in core.statements": [
        ("app.services.health", "sqlalchemy")
    ],
    "The driver is spoken to in core.database alone": [("app.repositories.health", "asyncpg")],
    "HTTP stops at the api package": [("app.services.health", "starlette")],
    "Services do not import each other in circles": [
        ("app.services.health", "app.services.sessions"),
        ("app.services.sessions", "app.services.health"),
    ],
}


@pytest.fixture(scope="module")
def graph() -> Iterator[grimp.ImportGraph]:
    use_cases._register_contract_types(OPTIONS)
    return grimp.build_graph("app", include_external_packages=True, cache_dir=None)


def broken(graph: grimp.ImportGraph, contracts: tuple[str, ...] = ()) -> set[str]:
    report = use_cases._build_report(
        graph=graph,
        graph_building_duration=0,
        user_options=OPTIONS,
        limit_to_contracts=contracts,
        show_timings=False,
        verbose=False,
    )
    return {c.name for c, check in report.get_contracts_and_checks() if not check.kept}


def test_every_contract_is_kept(graph):
    assert broken(graph) == set()


def test_every_contract_has_a_way_to_break_it():
    assert VIOLATIONS.keys() == {one["name"] for one in OPTIONS.contracts_options}


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_contract_breaks_when_it_is_violated_and_no_other_does(graph, contract):
    added = [
        edge
        for edge in VIOLATIONS[contract]
        if not graph.direct_import_exists(importer=edge[0], imported=edge[1])
    ]
    for importer, imported in added:
        graph.add_import(importer=importer, imported=imported)

    found = broken(graph)

    for importer, imported in added:
        graph.remove_import(importer=importer, imported=imported)
    assert found == {contract}
