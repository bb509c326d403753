"""From a report to its findings: parts, sentences, devices, and what is said of them.

No rule here is written for one report.
"""
