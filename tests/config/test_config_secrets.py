"""Where keys come from, and that they get nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, Secrets, examine, load, parse

TEXT = "version: v0.4.0\nmodel_providers:\n"


def with_keys(*keys: str) -> str:
    entries = (
        f"  - {{model: openai/m{number}, access_key: '{key}'}}\n" for number, key in enumerate(keys)
    )
    return TEXT + "".join(entries)


def write(directory: Path, *keys: str, env: str | None = None) -> Path:
    path = directory / "config.yaml"
    path.write_text(with_keys(*keys), encoding="utf-8")
    if env is not None:
        (directory / ".env").write_text(env, encoding="utf-8")
    return path


@pytest.mark.parametrize("reference", ["$KEY", "${KEY}", " $KEY "])
def test_a_reference_keeps_its_variable(reference: str) -> None:
    loaded = parse(with_keys(reference), {"KEY": "the-secret-value", "OTHER": "x"})
    credential = loaded.config.models[0].credential
    assert credential is not None
    assert credential.variable == "KEY"
    assert loaded.secrets == Secrets({"KEY": "the-secret-value"})


def test_keys_that_are_written_out_get_variables_of_their_own() -> None:
    loaded = parse(
        with_keys("first-literal-key", "second-literal-key", "first-literal-key", "$KEY"),
        {"KEY": "the-secret-value", "DRAGOMAN_KEY_1": "taken"},
    )
    variables = [model.credential.variable for model in loaded.config.models if model.credential]
    assert variables == ["DRAGOMAN_KEY_2", "DRAGOMAN_KEY_3", "DRAGOMAN_KEY_2", "KEY"]
    assert loaded.secrets == Secrets(
        {
            "DRAGOMAN_KEY_2": "first-literal-key",
            "DRAGOMAN_KEY_3": "second-literal-key",
            "KEY": "the-secret-value",
        }
    )


def test_secrets_of_every_section_are_numbered_as_a_rendered_bootstrap_has_them() -> None:
    loaded = parse(
        with_keys("first-literal-key", "second-literal-key")
        + "  - {model: openai/o3, access_key: $KEY, headers: {X-Api-Key: a-header-key}}\n"
        "dragoman: {router_url: 'http://h/v1', router_access_key: a-router-key}\n"
        "routing: {session_cache: {type: redis, url: 'redis://h'}}\n"
        "model_metrics_sources:\n"
        "  - {type: cost_metrics, url: 'http://h', auth: {type: bearer, token: a-token}}\n",
        {"KEY": "a-key"},
    )
    assert list(loaded.secrets.values.items()) == [
        ("DRAGOMAN_KEY_1", "first-literal-key"),
        ("DRAGOMAN_KEY_2", "second-literal-key"),
        ("KEY", "a-key"),
        ("DRAGOMAN_KEY_3", "a-header-key"),
        ("DRAGOMAN_KEY_4", "a-token"),
        ("DRAGOMAN_KEY_5", "redis://h"),
        ("DRAGOMAN_KEY_6", "a-router-key"),
    ]


def test_no_key_is_in_what_a_configuration_shows(tmp_path: Path) -> None:
    examined = examine(write(tmp_path, "first-literal-key", "$KEY"), {"KEY": "the-secret-value"})
    for shown in (repr(examined), repr(examined.loaded)):
        assert "literal" not in shown
        assert "secret-value" not in shown


def test_a_key_loses_the_blanks_around_it() -> None:
    loaded = parse(with_keys("$KEY", " literal "), {"KEY": "  value\n"})
    assert loaded.secrets == Secrets({"KEY": "value", "DRAGOMAN_KEY_1": "literal"})


def test_a_forgotten_dollar_is_warned_of() -> None:
    loaded = parse(with_keys("OPENAI_API_KEY"), {"OPENAI_API_KEY": "the-secret-value"})
    assert loaded.warnings == (
        (
            "config.yaml: model_providers[0].access_key: taken literally; "
            "for the variable write $OPENAI_API_KEY"
        ),
    )


def test_a_key_in_a_header_is_warned_of() -> None:
    text = TEXT + "  - {model: ollama/m, base_url: 'http://h', headers: {Authorization: Bearer k}}"
    assert parse(text, {}).warnings == (
        (
            "config.yaml: model_providers[0].headers.Authorization: a key belongs in access_key, "
            "or in a variable: write $NAME"
        ),
    )


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("$KEY", "environment variable KEY is not set"),
        ("$BLANK", "environment variable BLANK is empty"),
        ("$BROKEN", "environment variable BROKEN holds characters that a header cannot carry"),
        ("  ", "the key is empty"),
        ("sécret", "the key holds characters that a header cannot carry"),
        ("${KEY:?hunter2}", "is no reference that is understood; write $NAME or ${NAME}"),
        ("$9hunter2", "is no reference that is understood; write $NAME or ${NAME}"),
        ("Bearer ${BLANK}", "is no reference that is understood; write $NAME or ${NAME}"),
    ],
)
def test_keys_that_cannot_be(key: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(with_keys(key), {"BLANK": " ", "BROKEN": "a\nb"})
    assert str(raised.value) == f"config.yaml: model_providers[0].access_key: {message}"


@pytest.mark.parametrize(
    "text",
    [
        f"{TEXT}  - {{model: sk-hunter2secret}}\n",
        f"{TEXT}  - {{model: gsk_hunter2secret}}\n",
        f"{TEXT}  - {{model: openai/m, sk-hunter2secret: access_key}}\n",
        f"{TEXT}  - {{model: openai/m, access_key: [sk-hunter2secret]}}\n",
        f"{TEXT}  - {{model: openai/m, access_key: {{a: sk-hunter2secret}}}}\n",
        f"{TEXT}  - {{model: openai/m, access_key: $sk-hunter2secret}}\n",
        f"{TEXT}  - {{model: openai/m, base_url: hunter2secret}}\n",
        f"{TEXT}  - {{model: openai/m, default: hunter2secret}}\n",
        f"{TEXT}  - {{model: openai/m, http_host: [hunter2secret]}}\n",
        f"{TEXT}  - {{model: openai/m, headers: hunter2secret}}\n",
        f"{TEXT}  - {{model: openai/m, access_key: 'hunter2secret}}\n",
        f"{TEXT}  - {{model: openai/m, access_key: hunter2secret: x}}\n",
        f"{TEXT}  - {{model: openai/m, access_key: *sk-hunter2secret}}\n",
        (
            f"{TEXT}  - {{model: openai/m, access_key: hunter2secret, name: hunter2secret}}\n"
            "  - {model: openai/n, name: hunter2secret, access_key: k}\n"
        ),
        f"{TEXT}  - {{model: hunter2secret, access_key: $KEY}}\n",
        f"version: sk-hunter2secret\n{TEXT}",
        f"{TEXT}sk-hunter2secret: 1\n",
        f"{TEXT}overrides: {{llm_routing_model: sk-hunter2secret}}\n",
        f"{TEXT}dragoman: {{attempt_timeout: hunter2secret}}\n",
        "hunter2secret",
    ],
)
def test_no_error_repeats_a_key(text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(text, {"KEY": "hunter2secret"})
    assert "hunter2secret" not in str(raised.value)
    assert "hunter2secret" not in repr(raised.value)


def test_a_long_random_word_is_taken_for_a_key() -> None:
    word = "Zk3Vq8Lr1Yw5Tn7Bx2Mc9Hd4Js6Pf0Ga"
    with pytest.raises(ConfigError) as raised:
        parse(f"{TEXT}  - model: {word}", {})
    assert word not in str(raised.value)


def test_dot_env_beside_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "$KEY", "$DOLLAR", env="export KEY='from-file'\nDOLLAR=a${KEY}b\nBARE\n")
    assert load(path, {}).secrets == Secrets({"KEY": "from-file", "DOLLAR": "a${KEY}b"})


def test_the_process_environment_goes_before_dot_env(tmp_path: Path) -> None:
    path = write(tmp_path, "$KEY", "$OTHER", env="KEY=from-file\nOTHER=from-file\n")
    assert load(path, {"KEY": "from-process"}).secrets == Secrets(
        {"KEY": "from-process", "OTHER": "from-file"}
    )


def test_the_process_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_TEST_KEY", "from-process")
    loaded = load(write(tmp_path, "$DRAGOMAN_TEST_KEY"))
    assert loaded.secrets == Secrets({"DRAGOMAN_TEST_KEY": "from-process"})


def test_dot_env_that_is_not_text(tmp_path: Path) -> None:
    path = write(tmp_path, "$KEY")
    (tmp_path / ".env").write_bytes(b"KEY=\xff\xfe\n")
    with pytest.raises(ConfigError) as raised:
        load(path, {})
    assert str(raised.value) == f"{tmp_path / '.env'}: is not UTF-8 text"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(with_keys("$KEY"), encoding="utf-8-sig")
    assert load(path, {"KEY": "v"}).secrets == Secrets({"KEY": "v"})


@pytest.mark.parametrize(
    ("written", "variable", "value"),
    [("$TOKEN", "TOKEN", "from-outside"), ("a-literal-token", "DRAGOMAN_KEY_1", "a-literal-token")],
)
def test_the_token_of_the_admin_port(written: str, variable: str, value: str) -> None:
    loaded = parse(
        f"{with_keys('$KEY')}dragoman: {{admin_token: {written}}}\n",
        {"KEY": "k", "TOKEN": "from-outside"},
    )
    assert loaded.config.admin.token_variable == variable
    assert loaded.secrets.values[variable] == value
    assert value not in repr(loaded)


def test_a_token_that_is_not_set() -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f"{with_keys('$KEY')}dragoman: {{admin_token: $TOKEN}}\n", {"KEY": "k"})
    assert "dragoman.admin_token: environment variable TOKEN is not set" in str(raised.value)
