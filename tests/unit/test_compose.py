"""The compose file, held as far as it can be without an engine: settings exist, files are there, nothing is open."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from config.settings import Settings

ROOT = Path(__file__).parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service.get("build") == ".")


def _is_a_setting(name: str) -> bool:
    section, _, field = name.removeprefix("SALLYPORT_").removesuffix("_FILE").lower().partition("__")
    top = Settings.model_fields.get(section)
    if section == "config":
        return True
    if top is None:
        return False
    return not field or field in top.annotation.model_fields


def test_ours_are_the_programs_that_there_are() -> None:
    assert OURS == ["pickup", "relay", "tables", "web", "worker"]


@pytest.mark.parametrize("name", OURS)
def test_every_setting_that_a_service_is_given_exists(name: str) -> None:
    """A misspelt one would end the program at its start."""
    given = [key for key in SERVICES[name]["environment"] if key.startswith("SALLYPORT_")]
    assert len(given) >= 5
    assert [key for key in given if not _is_a_setting(key)] == []


@pytest.mark.parametrize("name", OURS)
def test_ours_cannot_write_nor_rise(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_is_published_is_for_this_machine_alone(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_secret_and_every_file_is_there(name: str) -> None:
    """Secrets are declared; what is mounted from the checkout is in it, but for the operator's own folder."""
    service = SERVICES[name]
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    mounts = [volume.split(":")[0] for volume in service.get("volumes", ())]
    assert [m for m in mounts if m.startswith("./") and m != "./etc" and not (ROOT / m).exists()] == []
    assert {m for m in mounts if not m.startswith("./")} <= set(COMPOSE["volumes"])


def test_prometheus_asks_where_they_answer() -> None:
    asked = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    for job in asked["scrape_configs"]:
        ((target,),) = [c["targets"] for c in job["static_configs"]]
        name, _, port = target.partition(":")
        assert job["job_name"] == f"sallyport-{name}"
        assert SERVICES[name]["environment"][f"SALLYPORT_WATCH__{name.upper()}"] == port


def test_every_file_that_the_image_copies_exists() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert len(copied) > 8
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    packages = re.search(r"include = \[([^\]]+)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    folders = {word.strip('" *') for word in packages.split(",")}
    assert folders <= {name for names in copied for name in names}


@pytest.mark.skipif(not shutil.which("postconf"), reason="Postfix is not installed")
def test_postfix_takes_what_its_start_sets(tmp_path: Path) -> None:
    shutil.copytree("/etc/postfix", tmp_path / "etc", ignore=shutil.ignore_patterns("makedefs.out"))
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "CONFIG": str(tmp_path / "etc"), "HOSTNAME_OUT": "mail.c.example",
                   "OFFICE": "127.0.0.0/8 10.0.0.0/8", "INSIDE": "127.0.0.0/8,172.16.0.0/12"}  # fmt: skip
    command = ["sh", str(ROOT / "deploy" / "postfix" / "start.sh")]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    said = subprocess.run(["postconf", "-c", str(tmp_path / "etc"), "-n"], capture_output=True, text=True, check=True)
    back = subprocess.run(["postconf", "-c", str(tmp_path / "etc"), "-P"], capture_output=True, text=True, check=True)
    assert "content_filter = smtp:[relay]:2525" in said.stdout
    assert "10026/inet/content_filter =\n" in back.stdout
    assert "10026/inet/mynetworks = 127.0.0.0/8,172.16.0.0/12" in back.stdout
    assert "unused parameter" not in said.stderr
