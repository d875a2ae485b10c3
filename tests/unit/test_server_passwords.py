"""The file of users."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import ConfigurationError
from gateway.smtp.passwords import PasswordFile, hash_password


def test_only_the_right_password_of_a_known_user_fits(tmp_path: Path) -> None:
    """And nothing else: not another's, not an empty one, not a prefix, not one beyond all measure."""
    path = tmp_path / "users"
    path.write_text(f"# staff\n\nanna:{hash_password('geheim ü')}\nben:{hash_password('other')}\n", encoding="utf-8")
    users = PasswordFile(path)
    assert users.verify("anna", "geheim ü".encode())
    for user, password in [("anna", b"other"), ("anna", b""), ("anna", b"geheim"), ("nobody", b"other"), ("", b"")]:
        assert not users.verify(user, password)
    assert not users.verify("anna", b"x" * 5000)
    assert "geheim" not in path.read_text(encoding="utf-8")


def test_the_same_password_is_never_the_same_line() -> None:
    """Salted."""
    assert hash_password("x") != hash_password("x")


@pytest.mark.parametrize(
    "line",
    [
        "anna", "anna:secret", ":scrypt$2$8$1$AA==$AA==", "a:scrypt$3$8$1$AA==$AA==", "a:scrypt$2$8$1$!$AA==",
        "a:md5$2$8$1$AA==$AA==",
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_stops_the_start_and_is_named_without_its_content(tmp_path: Path, line: str) -> None:
    """Not a user that can silently never log in."""
    path = tmp_path / "users"
    path.write_text(f"# first\n{line}\n")
    with pytest.raises(ConfigurationError) as caught:
        PasswordFile(path)
    assert "Line 2" in caught.value.public
    assert "secret" not in caught.value.public


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    """With a sentence."""
    with pytest.raises(ConfigurationError, match="password file"):
        PasswordFile(tmp_path / "none")
