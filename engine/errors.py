"""Every error of the program, named by what the caller should do about it.

ToTheMoonError
├── ConfigError            tell the operator in one line, exit 2
├── InvalidSetting         tell the admin the sentence, change nothing
├── ProviderError          a provider did not give figures; the token is looked at again later
│   ├── NoDataYet          the provider answers, but knows nothing of this token yet
│   ├── ProviderDown       a time-out, a refused connection, a 5xx: back off and retry
│   ├── RateLimited        wait until `retry_at`, then go on
│   ├── BudgetSpent        the plan's compute units are used up: rest for hours, alarm
│   ├── BudgetHeld             our own budget allows no call now: ask later
│   ├── BadKey             the key is refused: rest, alarm
│   ├── EndpointDenied     the plan or an allow-list refuses this endpoint: switch off that endpoint only
│   └── BadRequest         our own mistake: never retried, logged
├── DatabaseAway           the database cannot be reached: back off, then try again
└── BadData                the database refuses a value: halve the chunk, postpone the poisonous row
"""

from datetime import datetime


class ToTheMoonError(Exception):
    """The root of all errors that the program raises on purpose."""


class ConfigError(ToTheMoonError):
    """The environment is unusable; the text names the variable, the fault and an example."""


class InvalidSetting(ToTheMoonError):
    """A setting's name or value is unusable.

    `template` is the English sentence an admin reads, to be translated and then filled with `values`.
    """

    def __init__(self, template: str, **values: str) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values


class ProviderError(ToTheMoonError):
    """A provider gave no usable figures this time."""


class NoDataYet(ProviderError):
    """The provider answered, but has no figures for this token (yet).

    `kind` is what is counted: not_json, no_data, no_figures, not_found or wrong_mint.
    """

    def __init__(self, message: str, kind: str = "no_data") -> None:
        super().__init__(message)
        self.kind = kind


class ProviderDown(ProviderError):
    """The provider could not be reached or failed; asking again later may work."""


class RateLimited(ProviderError):
    """Too many requests; nothing may be asked before `retry_at` (aware UTC)."""

    def __init__(self, message: str, retry_at: datetime) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class BudgetSpent(ProviderError):
    """The account's compute units for this period are used up."""


class BudgetHeld(ProviderError):
    """Our own budget allows no call now; nothing was asked."""


class BadKey(ProviderError):
    """The API key is missing, wrong or revoked."""


class EndpointDenied(ProviderError):
    """The key is good, but this endpoint is not in its plan or allow-list."""


class BadRequest(ProviderError):
    """The provider calls our request malformed: a bug of ours, so never retried."""


class DatabaseAway(ToTheMoonError):
    """The database cannot be reached, is shutting down, or has become read-only."""


class BadData(ToTheMoonError):
    """The database refuses a value of this chunk."""
