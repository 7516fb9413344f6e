"""Models that guess ahead: prediction heads on the model's last hidden state, and a smaller model.

They plug in as the drafters `heads` and `model` (pyproject.toml, docs/drafters.md says when they pay). Nothing else in
fastapply knows this folder.
"""
