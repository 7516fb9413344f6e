"""The laboratory makes and measures fastapply. Only fitted weights and the adapter go from here to there."""
