"""The columns of a table of metadata, by the names that other tables give them."""

from collections.abc import Sequence

from backend.archive.core.header_words import compared_word

FILE_COLUMN = "file"
KNOWN_COLUMNS = ("patient_id", "study_id", "age_years", "sex", "view_position")
_NAMES = {
    FILE_COLUMN: """
file filename imageindex imagename imageid filepath imagepath path
datei dateiname archivo fichero nombrearchivo fichier nomfichier nomefile arquivo bestand
namederdatei dateipfad bildname bilddatei nombrefichero nombredelarchivo nombredelfichero
nombredearchivo nombredefichero nomdufichier nomdefichier nomdelimage nomedelfile nomearquivo
nomedoarquivo bestandsnaam
""",
    "patient_id": """
patientid pid patientennummer patientenid idpaciente pacienteid idpatient idpaziente patientnummer
patientnumber patientno patientnr patientennr patientenkennung idpatienten iddelpaciente
numerodepaciente iddopaciente numerodopaciente idpatiente iddupatient numeropatient
numerodupatient iddelpaziente numeropaziente
""",
    "study_id": "studyid studyinstanceuid studyuid",
    "age_years": "ageyears age patientage patientsage alter edad idade eta leeftijd",
    "sex": """
sex gender patientgender patientsex patientssex geschlecht sexo sexe sesso geslacht genero genre
""",
    "view_position": "viewposition view",
}
"""As DICOM, NIH ChestX-ray14 in both its editions, PadChest and tables in other languages write
them, in small letters and without anything between; best first."""
_PLACES = {
    name: (place, ours)
    for ours, names in _NAMES.items()
    for place, name in enumerate(names.split())
}


def our_columns(header: Sequence[str]) -> dict[str, int]:
    """Return, by our name of a column, its place in the table; an exact name counts first.

    >>> our_columns(["Patient ID", "File", "patient_id"])
    {'patient_id': 2, 'file': 1}
    """
    found: dict[str, tuple[int, int]] = {}
    for column, name in enumerate(header):
        rank, ours = _PLACES.get(compared_word(name), (0, ""))
        rank = -1 if name.strip() == ours else rank
        if ours and (ours not in found or rank < found[ours][0]):
            found[ours] = (rank, column)
    return {ours: column for ours, (_, column) in found.items()}


def is_of_metadata(header: Sequence[str]) -> bool:
    """Whether these are names of columns of a table that something can be taken from."""
    columns = our_columns(header)
    return FILE_COLUMN in columns and bool(columns.keys() & set(KNOWN_COLUMNS))
