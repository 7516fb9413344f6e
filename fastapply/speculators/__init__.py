"""Drafters that run models: prediction heads on the main model's last hidden state, and a smaller draft model.

They plug in as the drafters `heads` and `model` (pyproject.toml). docs/drafters.md says when they pay off.
"""
