"""The guardian: a small process of its own that makes the bench safe when its holder cannot.

It knows addresses and literal bytes, nothing of drivers, bench files or the rest of the rig, and
needs the standard library only: ``python -S -E -I rig/guardian`` runs it.
"""
