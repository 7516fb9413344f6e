"""The laboratory trains and measures fastapply. Only fitted weights and the adapter pass from it to fastapply."""
