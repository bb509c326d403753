"""Settings: defaults here, then `radsieve.toml` in the workspace, then `RADSIEVE_*` variables."""

import difflib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from backend.base.core.errors import InputFileError

SETTINGS_FILE = "radsieve.toml"


class Settings(BaseSettings):
    """Every setting; a misspelt one in the file is an error."""

    model_config = SettingsConfigDict(env_prefix="RADSIEVE_", extra="forbid", frozen=True)

    database_url: str = Field(
        default="", description="SQLAlchemy URL; empty: SQLite in the workspace"
    )
    jobs_url: str = Field(
        default="", description="`redis://...` for the job queue; empty: SQLite in the workspace"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="where networks run; `auto` takes CUDA when present"
    )
    host: str = Field(default="127.0.0.1", description="address the servers listen on")
    label_studio_port: int = Field(default=8080, ge=1, le=65535, description="Label Studio's port")
    backend_port: int = Field(default=9090, ge=1, le=65535, description="the ML backend's port")
    backend_url: str = Field(
        default="", description="how Label Studio reaches the ML backend; empty: host and port"
    )
    label_studio_url: str = Field(
        default="", description="a Label Studio of your own; empty: the one `radsieve up` starts"
    )
    label_studio_token: str = Field(
        default="", description="its access token, personal or legacy; never printed"
    )
    label_studio_timeout_s: float = Field(
        default=60.0, gt=0, description="seconds that a request to Label Studio may take in all"
    )
    label_studio_username: str = Field(
        default="reviewer@example.com", description="login of the Label Studio that `up` starts"
    )
    sealed_share: float = Field(
        default=0.2,
        gt=0,
        lt=1,
        description="share of patients never trained on, only judged on; who was sealed stays so",
    )
    train_films: int = Field(
        default=4000, ge=20, description="at most so many films are trained on"
    )
    folds: int = Field(default=3, ge=2, le=10, description="cross-fitting folds")
    epochs: int = Field(
        default=30, ge=1, description="passes over the training films; small archives get more"
    )
    batch_films: int = Field(default=200, ge=1, description="films in a review batch")
    sheet_films: int = Field(default=48, ge=1, le=60, description="films on a contact sheet")
    audit_share: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="share of a batch drawn at random, for the audit; never less",
    )
    dry_audit_share: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="the same once no more than 2 % of the ranked films turn out bad",
    )
    report_audit_share: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="share of a batch drawn at random from films with reports, to measure rules",
    )
    films_per_patient: int = Field(
        default=2, ge=1, description="at most so many ranked films of one patient in a batch"
    )
    ranking_strategy: str = Field(
        default="mixed",
        description="strategy that ranks a batch (docs/ranking.md); `mixed`: the slices share it",
    )
    retrain_after: int = Field(
        default=50, ge=1, description="new reviewer labels that start a retraining"
    )
    training_niceness: int = Field(
        default=10,
        ge=0,
        le=19,
        description="how far a training of the worker gives way to other programs; 0: not at all",
    )
    pull_every_s: int = Field(
        default=60, ge=1, description="seconds between two pulls when no webhook arrives"
    )
    seconds_per_film: float = Field(
        default=0.02,
        ge=0,
        description="a sheet submitted faster than this per film counts as not reviewed",
    )
    reviewers: int = Field(
        default=1, ge=1, le=50, description="people who review; each gets a tab of their own sheets"
    )
    double_reading_share: float = Field(
        default=0.0, ge=0, le=1, description="share of sheets that a second reviewer reads as well"
    )
    hidden_share: float = Field(
        default=0.02,
        ge=0,
        le=0.5,
        description="share of films on sheets whose answer is known, to measure slips",
    )
    second_sheet_films: int = Field(
        default=6,
        ge=2,
        description="so many finds of one suspected class go on to a sheet; fewer to single items",
    )
    doubted_films: int = Field(
        default=10, ge=0, description="labels in doubt that are looked at again with a batch"
    )
    stale_sheets: Literal["keep", "rebuild"] = Field(
        default="keep",
        description="sheets that wait when a new version is published: ticked anew, or made anew",
    )
    keep_pictures: bool = Field(
        default=False, description="keep the pictures of films that nobody has to look at any more"
    )
    show_report_sentence: bool = Field(
        default=True,
        description="show the sentence of a report that says so, without numbers and names",
    )
    paths: bool = Field(
        default=False,
        description="name films in lists and on the screen by their path below the archive's "
        "folder; otherwise by their id, and `radsieve paths` says where they lie",
    )
    image_hosts: tuple[str, ...] = Field(
        default=(), description="hosts, beside Label Studio, that the ML backend fetches images of"
    )
    image_folders: tuple[Path, ...] = Field(
        default=(), description="folders in which the ML backend follows an item's bare file path"
    )

    bias_ratio: float = Field(
        default=2.0,
        ge=1,
        description="an export stops where a group loses more than so many times what others lose",
    )
    bias_least_excluded: int = Field(
        default=5, ge=1, description="the same, if it loses at least so many films"
    )
    bias_level: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="the same, if chance alone would do so less often; all groups counted (Holm)",
    )
    bias_least_films: int = Field(
        default=20, ge=1, description="groups with fewer films are too small to tell"
    )
    bias_meant: dict[str, tuple[str, ...]] = Field(
        default={"projection": ("view",), "body_region": ("view",)},
        description="by detector task, what it is meant to tell apart; that never stops an export",
    )

    cut_offs: dict[str, dict[str, float]] = Field(
        default={}, description="by detector task with a rule, its cut-offs; 0 years: no age limit"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let variables win over what `load_settings` read from the file."""
        return env_settings, init_settings


def load_settings(workspace: Path) -> Settings:
    """Read the settings of a workspace.

    Raises:
        InputFileError: the file or a variable names an unknown setting or an impossible value.
    """
    path = workspace / SETTINGS_FILE
    try:
        return Settings(**_read_toml(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise InputFileError(
                f"setting {where!r}: there is none of this name{_like(where)}; correct it in {path}"
            ) from error
        raise InputFileError(
            f"setting {where!r}: {first['msg']}, got {first.get('input')!r}; correct it in {path} "
            f"or in RADSIEVE_{where.upper()}"
        ) from error


def _like(name: str) -> str:
    like = difflib.get_close_matches(name, Settings.model_fields, n=1)
    return f", but there is {like[0]!r}" if like else ""


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return dict(TomlConfigSettingsSource(Settings, path)())
    except ValueError as error:
        raise InputFileError(f"{path} is not valid TOML: {error}") from error
