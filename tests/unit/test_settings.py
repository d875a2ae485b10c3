"""Settings: typed, read once, misspellings refused, secrets never printed."""

from __future__ import annotations

import pytest

from config.settings import load
from domain.errors import ConfigurationError


@pytest.fixture
def settings_file(tmp_path, monkeypatch):
    path = tmp_path / "sallyport.toml"
    monkeypatch.setenv("SALLYPORT_CONFIG", str(path))
    monkeypatch.delenv("SALLYPORT_DATABASE_URL", raising=False)
    monkeypatch.delenv("SALLYPORT_HOME", raising=False)
    return path


def test_paths_are_relative_to_the_file(settings_file):
    settings_file.write_text('[vault]\npath = "objects"\n')
    settings = load()
    assert settings.at_home(settings.vault.path) == settings_file.parent / "objects"
    assert settings.database() == f"sqlite:///{settings_file.parent}/var/sallyport.sqlite3"


def test_the_environment_wins_and_leaves_the_rest_of_a_section(settings_file, monkeypatch):
    settings_file.write_text('[relay]\nport = 2525\nhostname = "a.example"\n')
    monkeypatch.setenv("SALLYPORT_RELAY__PORT", "2600")
    relay = load().relay
    assert (relay.port, relay.hostname) == (2600, "a.example")


def test_secrets_come_from_files_and_are_not_printed(settings_file, monkeypatch, tmp_path):
    settings_file.write_text("")
    (tmp_path / "url").write_text("postgresql://u:hunter2@db/x\n")
    monkeypatch.setenv("SALLYPORT_DATABASE_URL_FILE", str(tmp_path / "url"))
    settings = load()
    monkeypatch.delenv("SALLYPORT_DATABASE_URL", raising=False)
    assert settings.database() == "postgresql://u:hunter2@db/x"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[relay]\nprot = 25\n", "relay.prot"),
        ('[relay]\nport = "many"\n', "relay.port"),
        ("[relay\n", "not well formed"),
        ('[[next_hops]]\ntls = "maybe"\n', "next_hops.0.tls"),
        ('[relay]\nnetworks = ["10.0.0.0/33"]\n', "relay.networks"),
        ("next_hops = []\n", "next_hops"),
    ],
)
def test_a_wrong_setting_is_named(settings_file, text, says):
    settings_file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert says in caught.value.public


def test_a_missing_file_is_named(settings_file):
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert "does not exist" in caught.value.public


def test_a_missing_secret_file_is_named(settings_file, monkeypatch):
    settings_file.write_text("")
    monkeypatch.setenv("SALLYPORT_VAULT__SECRET_KEY_FILE", "/nowhere/key")
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert "/nowhere/key" in caught.value.public
