"""The dry run: a plan's stimuli listed and held against the envelope, without any bench."""

from rig.dry.reporting import DryReporting
from rig.dry.run import DryRun

__all__ = ["DryReporting", "DryRun"]
