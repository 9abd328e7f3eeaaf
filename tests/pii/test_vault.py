from __future__ import annotations

from extproc.core.pii import PiiKind
from extproc.pii.vault import PLACEHOLDER, Vault


def test_one_value_has_one_placeholder_and_others_have_others() -> None:
    vault = Vault()

    assert vault.placeholder(PiiKind.EMAIL, "a@b.example") == "<EMAIL_1>"
    assert vault.placeholder(PiiKind.EMAIL, "c@d.example") == "<EMAIL_2>"
    assert vault.placeholder(PiiKind.PHONE, "+1") == "<PHONE_1>"
    assert vault.placeholder(PiiKind.EMAIL, "a@b.example") == "<EMAIL_1>"
    assert vault.values == {
        "<EMAIL_1>": "a@b.example",
        "<EMAIL_2>": "c@d.example",
        "<PHONE_1>": "+1",
    }


def test_placeholders_that_are_there_already_are_not_given_out() -> None:
    vault = Vault({"<EMAIL_1>", "<EMAIL_3>"})

    given = [vault.placeholder(PiiKind.EMAIL, value) for value in "ab"]

    assert given == ["<EMAIL_2>", "<EMAIL_4>"]


def test_what_is_given_out_is_recognised() -> None:
    vault = Vault()

    assert all(PLACEHOLDER.fullmatch(vault.placeholder(kind, "x")) for kind in PiiKind)


def test_what_goes_on_from_another_answer_is_numbered_apart() -> None:
    first, second = (Vault(kept=kept).placeholder(PiiKind.EMAIL, "x") for kept in ("r1", "r2"))

    assert len({first, second, "<EMAIL_1>"}) == 3
    assert PLACEHOLDER.fullmatch(first)
    assert Vault(kept="r1").placeholder(PiiKind.EMAIL, "y") == first
