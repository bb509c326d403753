"""The Spanish lexicon on sentences of our own: no report of a patient was ever read with it.

What these tests show is that the rules do what they were written for, not how often they are right
on real reports. The examples of every rule run in `test_report_lexicon.py`.
"""

import unicodedata

import pytest
from shared_fixtures.lexicons import lexicon_of

from backend.base.core.errors import LexiconError
from backend.reports.adapters.lexicon_file import load_lexicon
from backend.reports.core.mining.mine import mine

SENTENCES = [
    ("Prótesis total de cadera derecha bien posicionada.", "present"),
    ("Sin signos de aflojamiento de la prótesis.", "present"),
    ("No se observan signos de movilización de la prótesis de rodilla.", "present"),
    ("Sin fractura periprotésica.", "present"),
    ("No se aprecian signos de aflojamiento protésico.", "present"),
    ("No aflojamiento de la prótesis.", "present"),
    ("Sin complicaciones del material de osteosíntesis.", "present"),
    ("Endoprótesis de aorta torácica.", "present"),
    ("Prótesis invertida de hombro izquierdo.", "present"),
    ("Artroplastia total de rodilla bilateral.", "present"),
    ("PTC derecha sin complicaciones.", "present"),
    ("Hemiartroplastia de cadera izquierda.", "present"),
    ("Marcapasos bicameral izquierdo.", "present"),
    ("Electrodos de marcapasos en aurícula y ventrículo derechos.", "present"),
    ("Sin derrame, marcapasos en posición.", "present"),
    ("Sin neumotórax tras implante de marcapasos.", "present"),
    ("Desfibrilador automático implantable en región pectoral.", "present"),
    ("DAI con electrodo en ventrículo derecho.", "present"),
    ("Alambres de esternotomía íntegros.", "present"),
    ("Cerclajes esternales sin cambios.", "present"),
    ("Esternotomía media con suturas metálicas.", "present"),
    ("Clavo intramedular en tibia.", "present"),
    ("Placa y tornillos en radio distal.", "present"),
    ("Tornillos pediculares en L4 y L5.", "present"),
    ("Material de osteosíntesis en fémur.", "present"),
    ("No se observa rotura ni desplazamiento del material de osteosíntesis.", "present"),
    ("Tres tornillos canulados en cuello femoral.", "present"),
    ("Agujas de Kirschner en el pulgar.", "present"),
    ("Fijador externo en tibia.", "present"),
    ("Clips quirúrgicos en hipocondrio derecho.", "present"),
    ("Suturas metálicas en abdomen.", "present"),
    ("Prótesis valvular mitral.", "present"),
    ("Stent coronario.", "present"),
    ("Filtro de vena cava inferior.", "present"),
    ("Implante coclear derecho.", "present"),
    ("Se ha retirado el material, excepto un tornillo roto.", "present"),
    ("Posible aflojamiento de la prótesis de cadera.", "present"),
    ("Retirada del material de osteosíntesis.", "removed"),
    ("La placa y los tornillos han sido retirados.", "removed"),
    ("Extracción de los clavos.", "removed"),
    ("Ya no se observa el marcapasos.", "removed"),
    ("Tubo de drenaje torácico retirado.", "removed"),
    ("Se ha retirado el clavo.", "removed"),
    ("No se observan implantes metálicos.", "negated"),
    ("Sin marcapasos.", "negated"),
    ("No hay evidencia de material de osteosíntesis.", "negated"),
    ("No lleva marcapasos ni desfibrilador.", "negated"),
    ("Ausencia de clips quirúrgicos.", "negated"),
    ("Sin placas ni tornillos.", "negated"),
    ("Programado para prótesis total de cadera.", "planned"),
    ("Pendiente de implante de marcapasos.", "planned"),
    ("Candidata a prótesis de rodilla.", "planned"),
    ("Se recomienda prótesis de cadera.", "planned"),
    ("Preoperatorio de artroplastia de rodilla.", "planned"),
    ("Programada para retirada del material de osteosíntesis.", "implied"),
    ("Esternotomía media.", "implied"),
    ("Artrodesis lumbar.", "implied"),
    ("Colecistectomía.", "implied"),
    ("Antecedente de prótesis de cadera.", "history_only"),
    ("Indicación: portador de marcapasos.", "history_only"),
    ("Posible clip en la axila.", "uncertain"),
    ("Densidad metálica sobre la pelvis.", "uncertain"),
    ("Clip o calcificación hiliar.", "uncertain"),
    ("Catéter venoso central yugular derecho.", "line_tube"),
    ("Tubo endotraqueal por encima de la carina.", "line_tube"),
    ("Sonda nasogástrica en estómago.", "line_tube"),
    ("Port-a-cath derecho.", "line_tube"),
    ("Electrodos de monitorización sobre el tórax.", "external"),
    ("Grapas cutáneas en la región anterior.", "external"),
    ("Piercing umbilical.", "external"),
    ("Prótesis mamaria izquierda.", "nonmetal_implant"),
    ("Implantes mamarios bilaterales.", "nonmetal_implant"),
    ("Catéter doble J izquierdo.", "nonmetal_implant"),
    ("Vertebroplastia en L1.", "nonmetal_implant"),
    ("Proyectil en partes blandas.", "foreign_metal"),
    ("Cuerpo extraño metálico en el pulgar.", "foreign_metal"),
    ("Esclerosis de la placa terminal de L5.", "not_implant"),
    ("Atelectasia laminar en base izquierda.", "not_implant"),
    ("Placas pleurales calcificadas.", "not_implant"),
    ("Placa de tórax sin alteraciones.", "not_implant"),
    ("Hundimiento del platillo superior de L1.", "not_implant"),
    ("Orificios de tornillos antiguos.", "not_implant"),
    ("Caja torácica sin alteraciones.", "not_mentioned"),
    ("Vía aérea permeable, cuerpos vertebrales normales.", "not_mentioned"),
    ("Sin fracturas ni luxaciones.", "not_mentioned"),
]

REPORTS = [
    (
        "Indicación: dolor en cadera derecha.\n"
        "Hallazgos: prótesis total de cadera derecha. No hay fractura.\n"
        "Impresión: sin signos de aflojamiento.",
        "present",
    ),
    (
        "Motivo de consulta: control\n"
        "Hallazgos: marcapasos con electrodos en aurícula y ventrículo. Sin neumotórax.",
        "present",
    ),
    (
        "Técnica: radiografía de tórax PA y lateral.\n"
        "HALLAZGOS:\nAlambres de esternotomía. Catéter venoso central derecho.\n"
        "CONCLUSIÓN:\nSin cambios.",
        "present",
    ),
    (
        "Datos clínicos: fractura de tibia.\n"
        "Hallazgos: clavo intramedular con tornillos de bloqueo.\nConclusión: consolidación.",
        "present",
    ),
    (
        "Hallazgos: el material de osteosíntesis ha sido retirado. Fractura consolidada.\n"
        "Impresión: buena alineación.",
        "absent",
    ),
    (
        "Indicación: tos.\nHallazgos: silueta cardiaca normal. No se observan infiltrados.\n"
        "Impresión: sin alteraciones.",
        "absent",
    ),
    (
        "Indicación: preoperatorio de prótesis de rodilla.\n"
        "Hallazgos: gonartrosis avanzada.\nImpresión: gonartrosis.",
        "abstain",
    ),
    (
        "Antecedentes: portador de marcapasos.\n"
        "Hallazgos: tobillo sin fracturas.\nConclusión: sin hallazgos.",
        "abstain",
    ),
    (
        "Hallazgos: tubo endotraqueal y sonda nasogástrica. Electrodos de ECG superpuestos. "
        "Atelectasia laminar izquierda.\nImpresión: sin neumotórax.",
        "absent",
    ),
    (
        "Comparación: estudio previo de 2019.\n"
        "Hallazgos: placas terminales conservadas. No se observan implantes metálicos.",
        "absent",
    ),
]


def _misses(table, wanted_of):
    """Return a line for each text of a table that does not come out as the table says."""
    findings = [(text, wanted, mine(text, lexicon_of("es"))) for text, wanted in table]
    return [
        f"{text!r}: expected {wanted}, got {wanted_of(finding)} from {finding.hits}"
        for text, wanted, finding in findings
        if wanted_of(finding) != wanted
    ]


def test_a_spanish_sentence_has_the_status_a_reader_would_give():
    misses = _misses(SENTENCES, lambda finding: finding.status)
    assert not misses, "\n".join(misses)


def test_a_spanish_report_has_the_label_a_reader_would_give():
    misses = _misses(REPORTS, lambda finding: finding.label)
    assert not misses, "\n".join(misses)


@pytest.mark.parametrize(
    ("sentence", "category", "region", "side"),
    [
        ("Prótesis de cadera derecha.", "joint", "hip", "right"),
        ("Artroplastia de rodilla bilateral.", "joint", "knee", "both"),
        ("Tornillos pediculares en L4.", "spine", "spine", ""),
        ("Alambres de esternotomía.", "sternal_wire", "chest", ""),
        ("Marcapasos izquierdo.", "cardiac_device", "chest", "left"),
        ("Clavo intramedular en tibia izquierda.", "fixation", "lower_leg", "left"),
    ],
)
def test_kind_place_and_side_are_told_in_spanish(sentence, category, region, side):
    hits = mine(sentence, lexicon_of("es")).hits
    assert [(hit.category, hit.region, hit.side) for hit in hits] == [(category, region, side)]


def _without_accents(sentence):
    letters = unicodedata.normalize("NFD", sentence)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def test_accents_may_be_missing():
    bare = [(_without_accents(sentence), status) for sentence, status in SENTENCES]
    # A sentence that has no accent is read above already.
    misses = _misses([row for row in bare if row not in SENTENCES], lambda finding: finding.status)
    assert not misses, "\n".join(misses)


def test_nothing_of_the_spanish_lexicon_claims_to_be_measured():
    assert lexicon_of("es").confidence.rules == {}
    assert lexicon_of("es").confidence.unseen == 0.5
    assert {mine(text, lexicon_of("es")).confidence for text, _ in REPORTS} == {0.0, 0.5}


def test_every_spanish_cue_has_examples_and_counter_examples():
    assert not [cue.id for cue in lexicon_of("es").cues if not cue.examples or not cue.counter]


def test_the_spanish_lexicon_names_the_same_kinds_of_device_as_the_english_one():
    assert lexicon_of("es").categories == lexicon_of("en").categories
    assert lexicon_of("es").no_implants == lexicon_of("en").no_implants


def test_a_language_without_a_lexicon_is_refused_in_one_line_that_lists_those_there_are():
    with pytest.raises(LexiconError) as refused:
        load_lexicon("fr")
    assert str(refused.value) == "no lexicon for 'fr'; there are de, en, es"
