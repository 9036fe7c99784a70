"""Test the plan itself: against units with seeded defects, and against healthy ones."""
