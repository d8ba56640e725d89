"""The environment: what is read, what is refused, and how the refusal reads."""

from pathlib import Path

import pytest

from guanxi.web.environment import BadEnvironmentError, Environment, read, reference


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read({"PATH": "/bin"}) == Environment()


def test_values_are_read_by_their_kind() -> None:
    read_back = read(
        {
            "GUANXI_DATA_DIR": "/srv/guanxi",
            "GUANXI_PORT": "9000",
            "GUANXI_DEBUG": "yes",
            "GUANXI_ALLOWED_HOSTS": "crm.example.com, crm.example.cn",
            "GUANXI_LANGUAGE": "zh-Hans",
        }
    )

    assert read_back == Environment(
        data_dir=Path("/srv/guanxi"),
        port=9000,
        debug=True,
        allowed_hosts=("crm.example.com", "crm.example.cn"),
        language="zh-hans",
    )


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("GUANXI_PORT", "http", "GUANXI_PORT: 'http' is not a whole number"),
        ("GUANXI_PORT", "0", "GUANXI_PORT: '0' is not between 1 and 65535"),
        ("GUANXI_DEBUG", "perhaps", "GUANXI_DEBUG: 'perhaps' is neither yes nor no"),
        ("GUANXI_LANGUAGE", "fr", "GUANXI_LANGUAGE: 'fr' is not one of en, zh-hans"),
        ("GUANXI_TIME_ZONE", "Mars/Base", "GUANXI_TIME_ZONE: 'Mars/Base' is not a time zone such as Asia/Shanghai"),
        ("GUANXI_TIME_ZONE", "../etc", "GUANXI_TIME_ZONE: '../etc' is not a time zone such as Asia/Shanghai"),
        (
            "GUANXI_DATABASE_URL",
            "mysql://root:hunter2@db/crm",
            "GUANXI_DATABASE_URL: its value is not a PostgreSQL address such as postgresql://user:password@host/database",
        ),
        ("GUANXI_SECRET_KEY", "hunter2", "GUANXI_SECRET_KEY: its value is shorter than 32 characters"),
        (
            "GUANXI_PUBLIC_URL",
            "crm.example.com",
            "GUANXI_PUBLIC_URL: 'crm.example.com' is not an address such as https://crm.example.com",
        ),
        ("GUANXI_PROT", "80", "GUANXI_PROT is not a setting; did you mean GUANXI_PORT?"),
    ],
)
def test_a_wrong_value_is_named_and_a_secret_never_shown(name: str, value: str, problem: str) -> None:
    with pytest.raises(BadEnvironmentError) as refused:
        read({name: value})

    assert refused.value.problems == [problem]


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(BadEnvironmentError) as refused:
        read({"GUANXI_PORT": "-1", "GUANXI_WEB_THREADS": "many"})

    assert len(refused.value.problems) == 2


def test_https_follows_from_the_public_address() -> None:
    public = read({"GUANXI_PUBLIC_URL": "https://crm.example.com/"})

    assert (public.https, public.address) == (True, "https://crm.example.com")
    assert public.hosts == ["127.0.0.1", "[::1]", "crm.example.com", "localhost"]


def test_every_setting_is_documented() -> None:
    documented = reference()

    assert [variable.name for variable in documented if not variable.meaning] == []
    assert {variable.name: variable.default for variable in documented}["GUANXI_PORT"] == "8000"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("GUANXI_MAIL_URL", "mail.example.com", "is not a mail server"),
        ("GUANXI_MAIL_URL", "smtp://", "is not a mail server"),
        ("GUANXI_MAIL_URL", "smtp://u:hunter2@host:hunter2", "is not a mail server"),
        ("GUANXI_MAIL_URL", "smtp://host?tls=maybe", "has a tls that is not one of starttls, none"),
        ("GUANXI_MAIL_IN_URL", "imaps://mail.example.com/INBOX", "is not a mailbox"),
        ("GUANXI_MAIL_FROM", "Harbour Trading", "is not a sender"),
        ("GUANXI_MAIL_PER_MINUTE", "0", "is not between 1 and 10000"),
    ],
)
def test_mail_is_checked_at_start(name: str, value: str, problem: str) -> None:
    with pytest.raises(BadEnvironmentError, match=problem) as refused:
        read({name: value})
    assert "hunter2" not in str(refused.value)


def test_mail_may_be_named_in_full() -> None:
    named = {
        "GUANXI_MAIL_URL": "smtps://u:p%40ss@host",
        "GUANXI_MAIL_FROM": "Harbour 贸易 <crm@example.com>",
        "GUANXI_MAIL_IN_URL": "imap://u:p@host/a%20b",
    }
    assert read(named).mail_from == "Harbour 贸易 <crm@example.com>"
