"""The demonstration: two vaults, one remote, one person, with real processes and real mail files."""

from vaultkit.demo.stage import Stage, StepFailed
from vaultkit.demo.story import STEPS, Demo

__all__ = ["STEPS", "Demo", "Stage", "StepFailed"]
