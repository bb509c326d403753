"""Which films of NIH ChestX-ray14 and Open-i show implanted metal: read by one person.

One reader, no radiologist, from the films alone at 390 px with local contrast, doubtful ones at
full size. Small clips may have been missed. Tubes, lines, ports, electrodes on the skin, staples in
the skin and things worn are not implanted metal; where it could not be told, a film is UNSURE.
"""

REAL_METAL = {
    "00000398_002.png": "screws",
    "00000499_008.png": "clips",
    "00001362_001.png": "wires",
    "00001362_004.png": "wires",
    "00001362_008.png": "wires",
    "00001362_014.png": "wires",
    "00001362_017.png": "wires",
    "00001433_002.png": "stem",
    "00001796_008.png": "wires",
    "00001968_003.png": "clips",
    "00002032_003.png": "stem",
    "00002032_006.png": "stem",
    "00002235_001.png": "clips",
    "00002665_001.png": "clips",
    "00002670_000.png": "stem",
    "00002812_000.png": "wires",
    "00002812_001.png": "wires",
    "00003447_001.png": "stem",
    "00003517_000.png": "wires",
    "00003837_004.png": "clips",
    "00004188_015.png": "clips",
    "00004959_003.png": "clips",
    "00007576_050.png": "clips",
    "00007629_001.png": "rods",
    "00007629_002.png": "rods",
    "00008387_018.png": "clips",
    "00009858_001.png": "wires",
}
"""NIH: file -> what it shows most of, a value of `phantoms.core.drawn_implants.ImplantKind`."""

UNSURE = frozenset(
    {
        "00000211_018.png",
        "00000459_041.png",
        "00002673_010.png",
        "00004833_011.png",
        "00005288_014.png",
        "00007444_003.png",
        "00009608_034.png",
        "00009608_037.png",
        "00009903_000.png",
        "00011104_004.png",
    }
)
"""NIH: teeth, staples in the skin, ports with a metal ring, and what could not be told."""

ABDOMENS_WITH_METAL = {"abd15.png": "two hip prostheses", "abd18.png": "a hip prosthesis"}
CHESTS_WITH_METAL = {"abd4.png": "plates and screws in the neck"}
"""Of the files in the abdomen folder that show chests."""

FALSE_ALARMS_READ = {
    "00000766_010.png": "worn",
    "00001684_010.png": "electrodes or lines",
    "00002007_000.png": "an object at the edge",
    "00002311_002.png": "an object at the edge",
    "00002474_004.png": "electrodes or lines",
    "00002634_000.png": "electrodes or lines",
    "00002658_001.png": "worn",
    "00003098_010.png": "small dense things, not told",
    "00003140_014.png": "electrodes or lines",
    "00003140_016.png": "electrodes or lines",
    "00003421_004.png": "electrodes or lines",
    "00003611_007.png": "electrodes or lines",
    "00006296_023.png": "electrodes or lines",
    "00006717_007.png": "electrodes or lines",
    "00008470_008.png": "electrodes or lines",
    "00011020_000.png": "an object at the edge",
    "00011514_015.png": "electrodes or lines",
    "00012094_009.png": "electrodes or lines",
    "00012094_011.png": "electrodes or lines",
}
"""What films without implanted metal show where the detector raised an alarm: read in the same way,
after the alarms were known. None of them shows implanted metal."""
