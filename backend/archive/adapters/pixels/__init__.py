"""From the bytes of a film to its grey values: PNG, JPEG, TIFF, DICOM.

Only files here decode films.
"""
