"""The files around the program say what the program says."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from app.core.config import Settings
from tests.cli.command import ROOT

OTHERS = {"WORKERS"}  # of the compose file itself


def example() -> list[str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return [line.partition("=")[0] for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_example_names_every_setting_once_and_no_other():
    assert sorted(example()) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_holds_the_defaults(monkeypatch):
    for name in example():
        monkeypatch.delenv(name, raising=False)

    assert Settings(_env_file=ROOT / ".env.example") == Settings(_env_file=None)


def test_every_setting_of_the_example_has_a_comment():
    lines = (ROOT / ".env.example").read_text().splitlines()

    for above, line in pairwise(lines):
        assert above.startswith("#") or not line or line.startswith("#"), line


@pytest.mark.parametrize("name", ["migrate", "api", "worker"])
def test_services_are_given_settings_that_exist(compose, name):
    given = set(compose["services"][name]["environment"]) - OTHERS

    assert given <= {field.upper() for field in Settings.model_fields}


def test_api_and_worker_share_their_data_and_wait_for_the_tables(compose):
    services = compose["services"]

    for name in ("api", "worker"):
        assert services[name]["volumes"] == services["migrate"]["volumes"] == ["data:/data"]
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"}
        }
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_plain_up_starts_what_is_needed_and_no_more(compose):
    plain = {name for name, one in compose["services"].items() if "profiles" not in one}

    assert plain == {"postgres", "migrate", "api", "worker"}


def test_volumes_and_networks_are_declared(compose):
    for service in compose["services"].values():
        named = [volume.split(":")[0] for volume in service.get("volumes", [])]
        assert {name for name in named if not name.startswith(".")} <= set(compose["volumes"])
        assert set(service.get("networks", [])) <= set(compose["networks"])


def test_the_image_gets_what_it_copies():
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = set(re.findall(r"^COPY (?!--from)(\S+)", dockerfile, re.MULTILINE))
    allowed = (ROOT / ".dockerignore").read_text().splitlines()

    assert {"app", "alembic", "alembic.ini", "requirements.txt"} <= copied
    assert {f"!{path}" for path in copied} <= set(allowed)
    assert all((ROOT / path).exists() for path in copied)


def test_the_image_does_not_run_as_root_and_tells_its_health():
    last = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]

    assert last.startswith("python:3.13-slim")
    assert "\nUSER banister\n" in last
    assert "HEALTHCHECK" in last
    assert "/health/live" in last


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pins_have_hashes_and_no_address(name):
    text = (ROOT / name).read_text()
    pins = re.findall(r"^\S+==\S+.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)

    assert len(pins) > 50
    assert all("--hash=sha256:" in pin for pin in pins)
    assert not re.search(r"://|--(extra-)?index|--find-links", text)


def test_every_direct_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[>=; ]", one)[0].lower() for one in project["dependencies"]}
    pinned = {line.split("==")[0] for line in (ROOT / "requirements.txt").read_text().splitlines()}

    assert wanted <= pinned


def test_compose_and_proxy_agree_on_an_address(compose):
    trusted = compose["services"]["api"]["environment"]["TRUSTED_PROXIES"]
    proxy = compose["services"]["proxy"]["networks"]["front"]["ipv4_address"]

    assert f":-{proxy}}}" in trusted
    assert "api:8000" in Path(ROOT / "deploy" / "Caddyfile").read_text()
