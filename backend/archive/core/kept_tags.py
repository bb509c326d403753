"""The header fields that are kept, each with the values it may have.

People write names and numbers into any field. What is not among the values that the standard
(PS3.3) or a maker gives to a field is therefore not kept, and not said in an error either.
"""

import re
from collections.abc import Mapping

_MODALITIES = """
CR DX MG RF XA IO PX RG CT MR US NM PT SC OT XC ES GM SM OP ECG PR KO SR SEG DOC REG RTIMAGE RTDOSE
RTPLAN RTSTRUCT BMD HD HC FID AU
"""
_PHOTOMETRIC = """
MONOCHROME1 MONOCHROME2 PALETTE COLOR RGB YBR FULL 422 PARTIAL 420 ICT RCT
"""
_SHAPES = "IDENTITY INVERSE LIN OD"
_VIEWS = """
AP PA LAT LATERAL L R LL RL LLD RLD LLO RLO RAO LAO RPO LPO OBL OBLIQUE ERECT SUPINE PRONE UPRIGHT
SEMIERECT SEMI STANDING SITTING PORTABLE HORIZONTAL DECUBITUS DECUB LEFT RIGHT CC MLO ML LM LMO XCCL
XCCM FB SIO AXIAL LORDOTIC COSTAL PEDIATRIC FRONTAL POSTERO ANTERO ANTERIOR POSTERIOR
ANTEROPOSTERIOR POSTEROANTERIOR SUNRISE SKYLINE SWIMMERS TUNNEL FROG LEG OPEN MOUTH ODONTOID MORTISE
Y SCAPULAR TANGENTIAL INTERNAL EXTERNAL ROTATION FLEXION EXTENSION CHEST VIEW UNKNOWN OTHER
EXPIRATION INSPIRATION CROSS TABLE XTABLE STRESS WEIGHT BEARING
"""
_BODY_PARTS = """
SKULL HEAD BRAIN FACE ORBIT SINUS SINUSES NOSE NASAL JAW MANDIBLE MAXILLA TEETH NECK THROAT SPINE
CSPINE TSPINE LSPINE SSPINE CERVICAL THORACIC LUMBAR SACRUM SACRAL COCCYX CHEST THORAX LUNG RIB RIBS
RIBCAGE STERNUM CLAVICLE SCAPULA SHOULDER HUMERUS ARM ELBOW FOREARM RADIUS ULNA WRIST HAND FINGER
FINGERS THUMB BREAST HEART ABDOMEN ABDOMENPELVIS STOMACH BOWEL COLON KIDNEY BLADDER PELVIS HIP HIPS
FEMUR THIGH LEG KNEE PATELLA TIBIA FIBULA CALF ANKLE FOOT TOE TOES HEEL CALCANEUS EXTREMITY UPPER
LOWER WHOLEBODY WHOLE BODY JOINT LEFT RIGHT AND PORTABLE UNKNOWN OTHER
"""
_MAKERS = """
SIEMENS HEALTHINEERS HEALTHCARE HEALTH MEDICAL SYSTEMS SYSTEM GE GENERAL ELECTRIC PHILIPS FUJIFILM
FUJI PHOTO FILM CORPORATION CORP INC LTD CO COMPANY GMBH AG AGFA GEVAERT CARESTREAM KODAK EASTMAN
CANON KONICA MINOLTA HOLOGIC LORAD SAMSUNG ELECTRONICS SHIMADZU TOSHIBA SWISSRAY VARIAN IMAGING
DYNAMICS LUMISYS VIDAR RAYENCE DRGEM VIEWORKS ICRCO DEL SEDECAL TRIXELL VILLA ITALRAY OLDELFT
PLANMED PLANMECA IMS GIOTTO METALTRONICA APELEM STEPHANIX DMS HITACHI MINDRAY UNITED NEUSOFT WANDONG
ANGELL IRAY PERLOVE ALLENGERS ZIEHM ORTHOSCAN PICKER MARCONI SECTRA ARCOMA THALES TECH TECHNOLOGY
TECHNOLOGIES X RAY
"""
_WORDS = {
    "Modality": frozenset(_MODALITIES.split()),
    "PhotometricInterpretation": frozenset(_PHOTOMETRIC.split()),
    "PresentationLUTShape": frozenset(_SHAPES.split()),
    "ViewPosition": frozenset(_VIEWS.split()),
    "BodyPartExamined": frozenset(_BODY_PARTS.split()),
    "Manufacturer": frozenset(_MAKERS.split()),
}
"""By field, the words of which its values are made."""
_PATTERNS = {
    "PatientOrientation": re.compile(r"[ALRPHF]{1,3}(\\[ALRPHF]{1,3})*"),
    "BitsStored": re.compile(r"\d{1,2}"),
    "Rows": re.compile(r"\d{1,5}"),
    "Columns": re.compile(r"\d{1,5}"),
}
KEPT = (*_WORDS, *_PATTERNS)
"""No station, no institution, no dates: together they name people."""


def kept_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the fields whose values are among those that a field may have.

    >>> kept_tags({"Modality": "DX", "BodyPartExamined": "DOE^JANE", "Rows": "2048"})
    {'Modality': 'DX', 'Rows': '2048'}
    """
    return {name: value for name, value in tags.items() if may_be_kept(name, value)}


def may_be_kept(name: str, value: str) -> bool:
    """Whether a value is one that the field may have; of a field that is not kept none is.

    >>> may_be_kept("ViewPosition", "ap supine"), may_be_kept("ViewPosition", "PA DOE")
    (True, False)
    """
    if name in _PATTERNS:
        return _PATTERNS[name].fullmatch(value.strip()) is not None
    words = re.split(r"[\s_\-./,]+", value.strip().upper())
    return all(word in _WORDS.get(name, ()) for word in words)
