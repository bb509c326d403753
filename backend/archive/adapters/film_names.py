"""What the films of the archive are called outside this machine, and where they lie on it."""

from collections.abc import Collection

from sqlalchemy import Engine

from backend.archive.adapters.catalogue import files_by_film, files_of_films
from backend.archive.core.shown_names import film_of, names_of_files, shown_names
from backend.base.core.errors import UnknownRadiographError


def film_names(
    engine: Engine, radiograph_ids: Collection[str] | None = None, *, paths: bool
) -> dict[str, list[str]]:
    """Return by film what its files are called, see `shown_names`.

    Args:
        engine: the database.
        radiograph_ids: these films alone; None: all.
        paths: the setting `paths`.
    """
    if radiograph_ids is not None and not paths:
        return shown_names(files_of_films(engine, radiograph_ids), paths=False)
    names = shown_names(files_by_film(engine), paths=paths)
    wanted = names.keys() if radiograph_ids is None else set(radiograph_ids) & names.keys()
    return {film: names[film] for film in names if film in wanted}


def paths_by_name(engine: Engine, names: Collection[str]) -> dict[str, str]:
    """Return where files lie that lists call by the id of their film.

    Raises:
        UnknownRadiographError: one of them is no such name, or of no film of the archive.
    """
    films = [film for name in names if (film := film_of(name))]
    called = names_of_files(files_of_films(engine, films), paths=False)
    places = {name: path for path, name in called.items()}
    unknown = [number for number, name in enumerate(names, start=1) if name not in places]
    if unknown:
        raise UnknownRadiographError(
            f"expected ids of films of this archive, got {len(unknown)} of {len(names)} names that "
            f"are none, the first of them number {unknown[0]}; give a list of `radsieve export` of "
            "this workspace, written without the setting `paths`"
        )
    return {name: places[name] for name in names}
